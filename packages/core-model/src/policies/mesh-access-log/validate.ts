import type {
  MeshAccessLog_Backend as Backend,
  MeshAccessLog_Conf as Conf,
  MeshAccessLog_Format as Format,
  MeshAccessLog,
} from '../../generated/types/kuma/mesh_access_log.ts';
import { rulesMatchProblems } from '../../resources/client-match.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';
import { collectorChoiceProblems } from '../backend-resource-ref.ts';
import { addressProblem, defaultCollectorPort } from '../collector-address.ts';
import { otlpProblems } from './otlp-value.ts';
import { templateProblems } from './template.ts';

export function validateMeshAccessLog(spec: MeshAccessLog): Problem[] {
  return [
    ...(['to', 'from', 'rules'] as const).flatMap((part) =>
      (spec[part] ?? []).flatMap((item, index) => confProblems(`spec.${part}[${index}].default`, item.default)),
    ),
    ...rulesMatchProblems(spec.rules),
  ];
}

function confProblems(at: string, conf: Conf | undefined): Problem[] {
  if (conf === undefined) return [];
  if (conf.backends === undefined) return [{ field: `${at}.backends`, reason: 'must be set; an empty list logs nothing' }];
  return conf.backends.flatMap((backend, index) => backendProblems(`${at}.backends[${index}]`, backend));
}

const fieldOf = { Tcp: 'tcp', File: 'file', OpenTelemetry: 'openTelemetry' } as const;

function backendProblems(at: string, backend: Backend): Problem[] {
  const { type, file, tcp, openTelemetry } = backend;
  const problems: Problem[] = [];
  const wanted = type && fieldOf[type];
  if (wanted && backend[wanted] === undefined)
    problems.push({ field: `${at}.${wanted}`, reason: `must be set when type is ${type}` });
  for (const other of Object.values(fieldOf)) {
    if (wanted && other !== wanted && backend[other] !== undefined)
      problems.push(mustBeAbsent(`${at}.${other}`, ` when type is ${type}`));
  }
  if (file) problems.push(...pathProblems(`${at}.file.path`, file.path), ...formatProblems(`${at}.file.format`, file.format));
  if (tcp) {
    problems.push(...reasonAt(`${at}.tcp.address`, tcp.address === undefined ? undefined : addressProblem(tcp.address)));
    problems.push(...formatProblems(`${at}.tcp.format`, tcp.format));
  }
  if (openTelemetry) {
    const { endpoint, attributes = [], body } = openTelemetry;
    const collector = `${at}.openTelemetry`;
    problems.push(
      ...collectorChoiceProblems(collector, openTelemetry),
      ...reasonAt(`${collector}.endpoint`, endpoint === undefined ? undefined : addressProblem(endpoint, defaultCollectorPort)),
      ...attributes.flatMap((attribute, index) => attributeProblems(`${collector}.attributes[${index}]`, attribute)),
      ...(body === undefined ? [] : otlpProblems(`${collector}.body`, body)),
    );
  }
  return problems;
}

function reasonAt(field: string, reason: string | undefined): Problem[] {
  return reason === undefined ? [] : [{ field, reason }];
}

function pathProblems(field: string, path: string | undefined): Problem[] {
  if (path === undefined || (/^\/[^\0]*[^/\0]$/.test(path) && path.trim() === path)) return [];
  return [{ field, reason: `must be the absolute path of a file, such as /dev/stdout; got ${JSON.stringify(path)}` }];
}

/** What stands beside the part that the type means is never read. */
function formatProblems(at: string, { type, plain = '', json = [] }: Format = {}): Problem[] {
  if (type === 'Plain' && plain === '')
    return [{ field: `${at}.plain`, reason: 'must be set, and not empty, when type is Plain' }];
  if (type === 'Json' && json.length === 0)
    return [{ field: `${at}.json`, reason: 'must have at least one item when type is Json' }];
  return [
    ...(type === 'Json' ? [] : templateProblems(plain).map((reason) => ({ field: `${at}.plain`, reason }))),
    ...(type === 'Plain' ? [] : json.flatMap((item, index) => jsonFieldProblems(`${at}.json[${index}]`, item))),
  ];
}

type Field = { readonly key?: string; readonly value?: string };

function attributeProblems(at: string, field: Field): Problem[] {
  return [...reasonAt(`${at}.key`, field.key ? attributeNameProblem(field.key) : undefined), ...fieldProblems(at, field)];
}

/** As OpenTelemetry has them, without what it reserves. */
function attributeNameProblem(name: string): string | undefined {
  const got = `; got ${JSON.stringify(name)}`;
  if (name.includes('%')) return `must be a name as it stands: only values have command operators${got}`;
  if (name.startsWith('otel.')) return `must not begin with otel., which OpenTelemetry reserves${got}`;
  if (/^[a-z]([._]?[a-z0-9])*$/.test(name)) return undefined;
  return `must be words of lower-case letters and digits with . or _ between them, such as http.status_code${got}`;
}

/** Names and values are written as they stand in a JSON text, as Kuma has it: quotes and line breaks would end it. */
function jsonFieldProblems(at: string, field: Field): Problem[] {
  const reason = 'must be able to stand between the quotes of a JSON text as it is, without quotes and line breaks';
  const unfit = (['key', 'value'] as const).filter((part) => !isInnerJson(field[part] ?? ''));
  return [
    ...unfit.map((part) => ({ field: `${at}.${part}`, reason: `${reason}; got ${JSON.stringify(field[part])}` })),
    ...fieldProblems(at, field),
  ];
}

function isInnerJson(text: string): boolean {
  try {
    JSON.parse(`"${text}"`);
    return true;
  } catch {
    return false;
  }
}

function fieldProblems(at: string, { key, value }: Field): Problem[] {
  return [
    ...(key === '' ? [{ field: `${at}.key`, reason: 'must not be empty' }] : []),
    ...(value === '' ? [{ field: `${at}.value`, reason: 'must not be empty' }] : []),
    ...(value ? templateProblems(value).map((reason) => ({ field: `${at}.value`, reason })) : []),
  ];
}
