import '@kuma-mesh/envoy-api/generated/envoy/service/runtime/v3/rtds.ts';
import { type EncodedProxy, moreTypeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { permissionRuntime } from '@kuma-mesh/xds-encode/permission/names.ts';
import { expect, test } from 'vitest';
import { LingeringKeys } from './lingering-keys.ts';
import { proxyOf, resource } from './testing/resources.ts';

const keysOf = (rule: string) =>
  resource(moreTypeUrls.runtime, permissionRuntime, { name: permissionRuntime, layer: { [rule]: 100 } });

test('keys that are replaced once more have their time from then on', () => {
  const ends: (() => void)[] = [];
  const lingering = new LingeringKeys((end) => ends.push(end));
  const change = (config: EncodedProxy) => {
    lingering.changed(config, () => []);
    lingering.othersCome();
    lingering.settled();
  };
  const [one, other] = [keysOf('one'), keysOf('other')];
  for (const keys of [one, other, one, other]) change(proxyOf(keys));
  const [first, second, third] = ends;
  first!();
  second!();
  expect(lingering.all).toEqual([one]);
  third!();
  expect(lingering.all).toEqual([]);
});
