import type { AccessLogIr } from '@kuma-mesh/core-model/ir/index.ts';
import { operators } from '@kuma-mesh/core-model/policies/mesh-access-log/operators.ts';
import { parseTemplate, templateProblems } from '@kuma-mesh/core-model/policies/mesh-access-log/template.ts';
import { FileAccessLog } from '@kuma-mesh/envoy-api/generated/envoy/extensions/access_loggers/file/v3/file.ts';
import { expect, test } from 'vitest';
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
};

const formats = [...operators].flatMap(([name, { argument, cut }]) => {
  const sample = samples[name] ?? 'a';
  const forms = [...(argument === 'required' ? [] : ['']), ...(argument === 'none' ? [] : [`(${sample})`])];
  return forms.flatMap((form) => [`%${name}${form}%`, ...(cut ? [`%${name}${form}:5%`] : [])]);
});

test.skipIf(!envoy.path)('Envoy takes every command operator that a format may have', async () => {
  expect(await refusalOf(formats.join(' '))).toBeUndefined();
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
