import { buildProxy } from '@kuma-mesh/core-model/proxy/index.ts';
import { applyChanges, emptySnapshot } from '@kuma-mesh/core-model/snapshot/index.ts';
import { dataplane, inbound, mesh, proxyInput } from '@kuma-mesh/core-model/testing/resources.ts';
import { encodeProxy, typeUrls, withRenewals } from '@kuma-mesh/xds-encode/index.ts';
import { expect, it } from 'vitest';
import { configView } from './config-view.ts';

it('that connections were made anew is nothing that policies in shadow would change', () => {
  const web = dataplane('web', { inbound: [inbound('web', 8080)] });
  const { snapshot } = applyChanges(emptySnapshot('default'), [{ after: mesh('STRICT') }, { after: web }]);
  const input = proxyInput(snapshot, 'web');
  const config = encodeProxy(buildProxy(snapshot, input));
  const listeners = [...config.get(typeUrls.listener)!.keys()];
  const time = '2026-01-01T00:00:00.000Z';
  const proxy = { input, config: withRenewals(config, new Map(listeners.map((name) => [name, time]))) };
  const view = (shadow: boolean) => configView({ snapshot, dataplane: web }, proxy, 'default', { shadow, diff: shadow });
  expect(JSON.stringify(view(false))).toContain(time);
  expect(view(true).diff).toEqual([]);
});
