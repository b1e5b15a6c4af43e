import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function problems(conf: object | undefined) {
  const spec = { to: [{ targetRef: { kind: 'Mesh' }, default: conf }] };
  const parsed = parseResource({ type: 'MeshRetry', mesh: 'default', name: 'r', spec });
  return parsed.ok
    ? []
    : parsed.problems.map(({ field, reason }) => ({ field: field.replace('spec.to[0].default', ''), reason }));
}

test.each<[string, object | undefined, string[]]>([
  ['each protocol', { tcp: { maxConnectAttempt: 2 }, http: { numRetries: 0 }, grpc: { retryOn: ['Unavailable'] } }, []],
  ['conditions', { http: { retryOn: ['5XX', 'GatewayError', '503', 'HttpMethodGet'] } }, []],
  ['either spelling of a condition', { http: { retryOn: ['5xx', '5XX'] } }, []],
  [
    'host selection',
    { http: { hostSelection: [{ predicate: 'OmitHostsWithTags', tags: { v: '1' } }, { predicate: 'OmitPreviousHosts' }] } },
    [],
  ],
  ['no protocol', {}, ['']],
  ['nothing about TCP', { tcp: {} }, ['.tcp']],
  ['nothing about HTTP', { http: {} }, ['.http']],
  ['nothing about gRPC', { grpc: {} }, ['.grpc']],
  ['attempts to find a host, but no choice of hosts', { http: { hostSelectionMaxAttempts: 2 } }, ['.http']],
  [
    'more attempts than a number holds',
    { http: { numRetries: 1, hostSelectionMaxAttempts: 1e300 } },
    ['.http.hostSelectionMaxAttempts'],
  ],
  ['no attempt', { tcp: { maxConnectAttempt: 0 } }, ['.tcp.maxConnectAttempt']],
  ['an unknown condition', { http: { retryOn: ['Timeout'] } }, ['.http.retryOn[0]']],
  ['a status that is none', { http: { retryOn: ['999'] } }, ['.http.retryOn[0]']],
  ['a status that nobody has registered', { http: { retryOn: ['503', '123'] } }, ['.http.retryOn[1]']],
  ['an unknown gRPC status', { grpc: { retryOn: ['Aborted'] } }, ['.grpc.retryOn[0]']],
  ['no back-off', { http: { backOff: { baseInterval: '0s' } } }, ['.http.backOff.baseInterval']],
  ['no headers of rate limits', { grpc: { rateLimitedBackOff: {} } }, ['.grpc.rateLimitedBackOff.resetHeaders']],
  [
    'an upper-case header',
    { http: { rateLimitedBackOff: { resetHeaders: [{ name: 'Retry-After', format: 'Seconds' }] } } },
    ['.http.rateLimitedBackOff.resetHeaders[0].name'],
  ],
  ['tags missing', { http: { hostSelection: [{ predicate: 'OmitHostsWithTags' }] } }, ['.http.hostSelection[0].tags']],
  ['a header without value', { http: { retriableRequestHeaders: [{ name: 'a' }] } }, ['.http.retriableRequestHeaders[0].value']],
])('with %s', (_, conf, at) => {
  expect(problems(conf).map(({ field }) => field)).toEqual(at);
});

test('offers the condition that was probably meant', () => {
  expect(problems({ http: { retryOn: ['gateway-error'] } })[0]?.reason).toContain('did you mean GatewayError?');
});
