import type {
  MeshTrace_Backend as Backend,
  MeshTrace,
  MeshTrace_Sampling as Sampling,
  MeshTrace_Tag as Tag,
} from '../../generated/types/kuma/mesh_trace.ts';
import { percentage } from '../../resources/checks.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';
import { collectorChoiceProblems } from '../backend-resource-ref.ts';
import { addressProblem, defaultCollectorPort } from '../collector-address.ts';
import { readCollectorUrl } from './collector-url.ts';

export function validateMeshTrace({ default: conf }: MeshTrace): Problem[] {
  const at = 'spec.default';
  const { backends = [], sampling = {}, tags = [] } = conf ?? {};
  return [
    ...(conf?.backends ? [] : [{ field: `${at}.backends`, reason: 'must be set; an empty list traces nothing' }]),
    ...(backends.length > 1 ? [{ field: `${at}.backends`, reason: 'must have at most one item: a proxy has one tracer' }] : []),
    ...backends.flatMap((backend, index) => backendProblems(`${at}.backends[${index}]`, backend)),
    ...samplingProblems(`${at}.sampling`, sampling),
    ...tags.flatMap((tag, index) => tagProblems(`${at}.tags[${index}]`, tag)),
  ];
}

const fieldOf = { Zipkin: 'zipkin', Datadog: 'datadog', OpenTelemetry: 'openTelemetry' } as const;

function backendProblems(at: string, backend: Backend): Problem[] {
  const { type, zipkin, datadog, openTelemetry } = backend;
  const wanted = type && fieldOf[type];
  return [
    ...(wanted && backend[wanted] === undefined
      ? [{ field: `${at}.${wanted}`, reason: `must be set when type is ${type}` }]
      : []),
    ...Object.values(fieldOf)
      .filter((other) => wanted && other !== wanted && backend[other] !== undefined)
      .map((other) => mustBeAbsent(`${at}.${other}`, ` when type is ${type}`)),
    ...reasons(`${at}.zipkin.url`, zipkin?.url, zipkinProblem),
    ...reasons(`${at}.datadog.url`, datadog?.url, datadogProblem),
    ...(openTelemetry ? collectorChoiceProblems(`${at}.openTelemetry`, openTelemetry) : []),
    ...reasons(`${at}.openTelemetry.endpoint`, openTelemetry?.endpoint, otelProblem),
  ];
}

function reasons(field: string, value: string | undefined, problemOf: (value: string) => string | undefined): Problem[] {
  const reason = value === undefined ? undefined : problemOf(value);
  return reason === undefined ? [] : [{ field, reason: `${reason}; got ${JSON.stringify(value)}` }];
}

function zipkinProblem(text: string): string | undefined {
  const url = readCollectorUrl(text);
  const inUrl = url && !url.more.includes('user') && !url.more.includes('fragment');
  return inUrl ? undefined : 'must be an http:// or https:// URL such as http://zipkin:9411/api/v2/spans';
}

function datadogProblem(text: string): string | undefined {
  const url = readCollectorUrl(text);
  const inUrl = url && !url.tls && url.statesPort && !text.endsWith('/') && url.path === '' && url.more.length === 0;
  return inUrl ? undefined : 'must be http://, a host and a port, and nothing more, such as http://datadog-agent:8126';
}

function otelProblem(text: string): string | undefined {
  if (!text.includes('://')) return addressProblem(text, defaultCollectorPort)?.replace(/; got .*$/, '');
  const url = readCollectorUrl(text);
  const inUrl = url && !url.more.includes('user') && !url.more.includes('fragment');
  return inUrl ? undefined : 'must be host:port, or an http:// or https:// URL';
}

function samplingProblems(at: string, sampling: Sampling): Problem[] {
  return (['overall', 'client', 'random'] as const).flatMap((share) => percentage(`${at}.${share}`, sampling[share]));
}

function tagProblems(at: string, { name, literal, header }: Tag): Problem[] {
  return [
    ...(name === '' ? [{ field: `${at}.name`, reason: 'must not be empty' }] : []),
    ...((literal === undefined) === (header === undefined) ? [{ field: at, reason: 'must have either literal or header' }] : []),
    ...(header?.name === '' ? [{ field: `${at}.header.name`, reason: 'must not be empty' }] : []),
    ...(/[\0\r\n]/.test(header?.name ?? '') ? [{ field: `${at}.header.name`, reason: 'must be the name of a header' }] : []),
  ];
}
