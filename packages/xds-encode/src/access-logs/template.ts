import type { AccessLogIr, OtlpValueIr, TemplateIr, TemplatePartIr } from '@kuma-mesh/core-model/ir/index.ts';
import { namedPrefix } from '../permission/names.ts';

/** What writes: it decides where Envoy keeps some of the values, or that nobody asked for permission, as all are turned away. */
export type Writer = keyof typeof decisions | { readonly turnedAwayBy: string | undefined };

/** A template as Envoy's format string. */
export function formatString(template: TemplateIr, writer: Writer): string {
  return template.map((part) => formatPart(part, writer)).join('');
}

function formatPart(part: TemplatePartIr, writer: Writer): string {
  switch (part.kind) {
    case 'text':
      return part.text.replaceAll('%', '%%');
    case 'operator': {
      const argument = part.argument === undefined ? '' : `(${part.argument})`;
      const length = part.maxLength === undefined ? '' : `:${part.maxLength}`;
      return `%${part.name}${argument}${length}%`;
    }
    case 'client-service':
      return `%CEL(${clientService})%`;
    case 'client-address':
      return part.port ? '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%' : '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%';
    case 'permission':
      return permissionOf(writer);
    case 'proxy':
      throw new TypeError(`The proxy's ${part.fact} was not filled in`);
  }
}

/** The first URI of a certificate of the mesh is the SPIFFE id of a service. */
const clientService = String.raw`connection.mtls ? re.extract(connection.uri_san_peer_certificate, '^spiffe://[^/]+/(.*)$', '\\1') : 'unknown'`;

/** Where the filters that ask for permission leave the name of the rule that decided. For connections see
 * `permission/decisions.ts`. */
const decisions = {
  http: 'envoy.filters.http.rbac:enforced_effective_policy_id',
  tcp: `envoy.filters.network.rbac:${namedPrefix}shadow_effective_policy_id`,
} as const;

function permissionOf(writer: Writer): string {
  if (typeof writer === 'string') return `%DYNAMIC_METADATA(${decisions[writer]})%`;
  return writer.turnedAwayBy?.replaceAll('%', '%%') ?? permissionOf('tcp');
}

/** Whether a log names the permission that decided. */
export function saysPermission(log: AccessLogIr): boolean {
  if (log.kind === 'collected' || log.kind === 'referred')
    return [...log.attributes.map(({ value }) => value), ...textsOf(log.body)].some(asks);
  return log.format.kind === 'plain' ? asks(log.format.line) : log.format.fields.some(({ value }) => asks(value));
}

function asks(template: TemplateIr): boolean {
  return template.some(({ kind }) => kind === 'permission');
}

function textsOf(value: OtlpValueIr): readonly TemplateIr[] {
  switch (value.kind) {
    case 'text':
      return [value.text];
    case 'list':
      return value.values.flatMap(textsOf);
    case 'map':
      return value.entries.flatMap((entry) => textsOf(entry.value));
    default:
      return [];
  }
}
