import type { AccessLogIr } from '@kuma-mesh/core-model/ir/index.ts';
import { header } from '@kuma-mesh/core-model/policies/headers.ts';
import { operators } from '@kuma-mesh/core-model/policies/mesh-access-log/operators.ts';
import { parseTemplate, templateProblems } from '@kuma-mesh/core-model/policies/mesh-access-log/template.ts';
import { HeaderValueOption } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/base.ts';
import { FileAccessLog } from '@kuma-mesh/envoy-api/generated/envoy/extensions/access_loggers/file/v3/file.ts';
import { Router } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/http/router/v3/router.ts';
import { HttpConnectionManager } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { expect, test } from 'vitest';
import { headersToAdd } from '../routes/headers.ts';
import { envoy, refusal } from '../testing/envoy.ts';
import { accessLogs } from './access-log.ts';

/** Arguments of those that do not take any text. */
const samples: Readonly<Record<string, string>> = {
  CEL: 'request.host',
  COALESCE: '{"operators": ["PROTOCOL", {"command": "REQ", "param": "x-a", "max_length": 5}]}',
  COMMON_DURATION: 'DS_RX_BEG:DS_TX_END:us',
  FILTER_STATE: 'key:PLAIN',
  METADATA: 'ROUTE:io.kuma.tags:a',
  REQUESTED_SERVER_NAME: 'SNI_FIRST',
  TYPED_CEL: 'request.host',
  UPSTREAM_FILTER_STATE: 'key:PLAIN',
  PATH: 'NQ',
  QUERY_PARAMS: 'ORIG',
  GRPC_STATUS: 'SNAKE_STRING',
  XFCC_VALUE: 'uri',
};

const formats = [...operators].flatMap(([name, { argument, cut }]) => {
  const sample = samples[name] ?? 'a';
  const forms = [...(argument === 'required' ? [] : ['']), ...(argument === 'none' ? [] : [`(${sample})`])];
  return forms.flatMap((form) => [`%${name}${form}%`, ...(cut ? [`%${name}${form}:5%`] : [])]);
});

test.skipIf(!envoy.path)('Envoy takes every command operator in the value of a header', async () => {
  const set = formats.map((value, i) => header({ name: `x-${i}`, value }));
  const headers = headersToAdd({ set, add: [], remove: [] });
  expect(headers.map((option) => option.header?.value)).toEqual(formats);
  expect(await refusalOfHeaders(headers)).toBeUndefined();
  expect(await refusalOfHeaders([{ header: { key: 'x', value: '%SOMETHING%' } }])).toBeDefined();
});

test
  .skipIf(!envoy.path)
  .each([
    '%SOMETHING%',
    '%PATH(NX)%',
    '%QUERY_PARAMS(PLAIN)%',
    '%GRPC_STATUS(TEXT)%',
    '%COMMON_DURATION(a:b:s)%',
    '%REQUESTED_SERVER_NAME(SNI_ONLY:ALL)%',
    '%METADATA(NOTHING:a)%',
    '%FILTER_STATE(a:JSON)%',
    '%REQ(a b)%',
    '%RESP(a?b?c)%',
    '%XFCC_VALUE(san)%',
    '%COALESCE({"operators": []})%',
    '%COALESCE({"operators": [{"command": "REQ", "param": "a", "max_length": 0}]})%',
  ])('Envoy refuses what a format may not have: %s', async (format) => {
  expect(templateProblems(format)).not.toEqual([]);
  expect(await refusalOf(format)).toBeDefined();
});

function refusalOf(format: string): Promise<string | undefined> {
  const log: AccessLogIr = {
    kind: 'file',
    path: '/dev/null',
    format: { kind: 'plain', line: parseTemplate(format), omitEmpty: false },
  };
  const { configType } = accessLogs([log], 'http')[0]!;
  const file = FileAccessLog.toJSON(FileAccessLog.decode(configType!.value.value!)) as object;
  const typedConfig = { '@type': `type.googleapis.com/${FileAccessLog.$type}`, ...file };
  return refusal(JSON.stringify({ admin: { accessLog: [{ name: 'file', typedConfig }] } }));
}

function refusalOfHeaders(headers: readonly HeaderValueOption[]): Promise<string | undefined> {
  const requestHeadersToAdd = headers.map((header) => HeaderValueOption.toJSON(header));
  const routeConfig = { virtualHosts: [{ name: 'all', domains: ['*'], requestHeadersToAdd }] };
  const router = { name: 'router', typedConfig: { '@type': `type.googleapis.com/${Router.$type}` } };
  const manager = { statPrefix: 'all', routeConfig, httpFilters: [router] };
  const filters = [{ name: 'http', typedConfig: { '@type': `type.googleapis.com/${HttpConnectionManager.$type}`, ...manager } }];
  const address = { socketAddress: { address: '127.0.0.1', portValue: 1 } };
  return refusal(JSON.stringify({ staticResources: { listeners: [{ name: 'all', address, filterChains: [{ filters }] }] } }));
}
