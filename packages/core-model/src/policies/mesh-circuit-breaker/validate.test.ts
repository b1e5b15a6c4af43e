import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function fields(conf: object | undefined): string[] {
  const spec = { to: [{ targetRef: { kind: 'Mesh' }, default: conf }] };
  const parsed = parseResource({ type: 'MeshCircuitBreaker', mesh: 'default', name: 'c', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field.replace('spec.to[0].default', ''));
}

test.each<[string, object | undefined, string[]]>([
  ['a limit', { connectionLimits: { maxRequests: 1 } }, []],
  ['a detector', { outlierDetection: { detectors: { totalFailures: { consecutive: 5 } }, healthyPanicThreshold: '62.5' } }, []],
  ['detection switched off', { outlierDetection: { disabled: true } }, []],
  ['nothing', undefined, ['']],
  ['limits that are left as they are', { connectionLimits: {} }, []],
  ['a limit of 0', { connectionLimits: { maxRetries: 0 } }, ['.connectionLimits.maxRetries']],
  ['no detectors', { outlierDetection: { interval: '1s' } }, ['.outlierDetection.detectors']],
  ['empty detectors', { outlierDetection: { detectors: {} } }, ['.outlierDetection.detectors']],
  ['no interval', { outlierDetection: { interval: '0s', disabled: true } }, ['.outlierDetection.interval']],
  ['more than all', { outlierDetection: { maxEjectionPercent: 101, disabled: true } }, ['.outlierDetection.maxEjectionPercent']],
  ['panic above all', { outlierDetection: { healthyPanicThreshold: 101 } }, ['.outlierDetection.healthyPanicThreshold']],
  [
    'a word as a number',
    { outlierDetection: { healthyPanicThreshold: 'half', disabled: true } },
    ['.outlierDetection.healthyPanicThreshold'],
  ],
  [
    'no deviation',
    { outlierDetection: { detectors: { successRate: { standardDeviationFactor: '0' } } } },
    ['.outlierDetection.detectors.successRate.standardDeviationFactor'],
  ],
])('with %s', (_, conf, at) => {
  expect(fields(conf)).toEqual(at);
});
