import { expect, it } from 'vitest';
import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import { Memo } from '../memo/memo.ts';
import type { Resource } from '../resources/resource.ts';
import { applyChanges, emptySnapshot } from '../snapshot/index.ts';
import { dataplane, inbound, resource } from '../testing/resources.ts';
import { resolveRules } from './resolve-rules.ts';

const mesh = { kind: 'Mesh' };
const web = dataplane('web', { inbound: [inbound('web', 80)] }) as Resource<Dataplane>;

function timeouts({ to = '1s', from = '1s', labels = {} }: { to?: string; from?: string; labels?: Record<string, string> }) {
  const [outgoing, incoming] = [to, from].map((connectionTimeout) => [{ targetRef: mesh, default: { connectionTimeout } }]);
  return { ...resource('MeshTimeout', 'p', { targetRef: mesh, to: outgoing, from: incoming }), labels };
}

function rulesAfter(edit: Resource) {
  const memo = new Memo();
  const [before, after] = [timeouts({}), edit].map((policy) => {
    const { snapshot } = applyChanges(emptySnapshot('default'), [{ after: web }, { after: policy }]);
    return resolveRules(snapshot, web, { memo }).kinds.get('MeshTimeout')!;
  });
  return { before: before!, after: after! };
}

it('an edit of what is said of outgoing traffic leaves inbounds as they are', () => {
  const { before, after } = rulesAfter(timeouts({ to: '2s' }));
  expect(after.inbounds).toBe(before.inbounds);
  expect(after.to[0]?.conf).toEqual({ connectionTimeout: '2s' });
});

it('an edit of what is said of incoming traffic leaves outbounds as they are', () => {
  const { before, after } = rulesAfter(timeouts({ from: '2s' }));
  expect(after.to).toBe(before.to);
  expect(after.inbounds[0]?.merged?.conf).toEqual({ connectionTimeout: '2s' });
});

it('an edit of labels is seen where the origin of rules is shown', () => {
  const { after } = rulesAfter(timeouts({ labels: { team: 'a' } }));
  expect(after.to[0]?.origin.policy.labels).toEqual({ team: 'a' });
  expect(after.inbounds[0]?.items[0]?.origin.policy.labels).toEqual({ team: 'a' });
});
