import { expect, test } from 'vitest';
import { effective } from '../../rules/effective.ts';
import { policyItems } from '../../rules/policy-items.ts';
import { resource } from '../../testing/resources.ts';
import { meshHTTPRoute } from './apply.ts';

const service = { kind: 'MeshService', name: 'api' };
const route = (name: string, path: string) => {
  const rules = [{ matches: [{ path: { type: 'PathPrefix', value: path } }], default: { backendRefs: [service] } }];
  return resource<object>('MeshHTTPRoute', name, { to: [{ targetRef: service, rules }] });
};
const view = (protocol: 'http' | 'grpc') =>
  ({ mesh: 'default', tls: 'off', protocol, destination: { kind: 'service', service: 'api', tags: {} } }) as const;
const drafts = (policies: readonly ReturnType<typeof route>[], about: ReturnType<typeof view>) => {
  const rule = effective(
    policies.flatMap((policy) => policyItems(policy).to),
    meshHTTPRoute.merge,
  );
  return meshHTTPRoute.outbound!.httpRoutes!(rule as never, about)!;
};

test('routes of rules that stand as they were are the same objects after a change of others, for the same destination', () => {
  const [http, grpc] = [view('http'), view('grpc')];
  const kept = route('kept', '/kept');
  const [before] = drafts([kept, route('changed', '/a')], http);
  const [after, changed] = drafts([kept, route('changed', '/b')], http);
  expect(after).toBe(before);
  expect(changed!.match.path.value).toBe('/b');
  expect(drafts([kept], grpc)[0]).not.toBe(before);
});

test('a rule that is merged to another one is made of both', () => {
  const headers = { set: [{ name: 'x-a', value: 'b' }] };
  const filters = [{ type: 'RequestHeaderModifier', requestHeaderModifier: headers }];
  const rules = [{ matches: [{ path: { type: 'PathPrefix', value: '/a' } }], default: { filters } }];
  const [alone] = drafts([route('one', '/a')], view('http'));
  const both = [route('one', '/a'), resource<object>('MeshHTTPRoute', 'two', { to: [{ targetRef: service, rules }] })];
  const [merged] = drafts(both, view('http'));
  expect(alone!.requestHeaders.set).toEqual([]);
  expect(merged!.requestHeaders.set).toEqual([expect.objectContaining({ name: 'x-a' })]);
  expect(merged!.action).toEqual(alone!.action);
  expect(merged!.policies).toHaveLength(2);
});
