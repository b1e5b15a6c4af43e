import type {
  Dataplane,
  Dataplane_Inbound as Inbound,
  Dataplane_Networking as Networking,
  Dataplane_Outbound as Outbound,
} from '../../generated/types/kuma/dataplane.ts';
import { isHostName, isIpAddress, isUnspecified } from '../addresses.ts';
import { moreThanZero, unique } from '../checks.ts';
import { mustBeAbsent, type Problem } from '../resource.ts';
import { protocolProblems, tagProblems } from '../tags.ts';

export function validateDataplane({ networking }: Dataplane): Problem[] {
  if (!networking) return [];
  const { gateway, inbound = [], outbound = [] } = networking;
  return [
    ...address('networking.address', networking.address),
    ...address('networking.advertisedAddress', networking.advertisedAddress),
    ...role(networking),
    ...(gateway?.type === 'BUILTIN' ? [builtinGateway] : []),
    ...(gateway ? tagProblems('networking.gateway.tags', gateway.tags, { service: true }) : []),
    ...inbound.flatMap((item, index) => inboundProblems(`networking.inbound[${index}]`, item, networking)),
    ...unique(
      inbound,
      (item) => socket(item.address ?? networking.address, item.port),
      (index) => `networking.inbound[${index}].port`,
    ),
    ...unique(
      inbound,
      (item) => item.name || undefined,
      (index) => `networking.inbound[${index}].name`,
    ),
    ...outbound.flatMap((item, index) => outboundProblems(`networking.outbound[${index}]`, item)),
    ...unique(
      outbound,
      (item) => socket(item.address ?? '127.0.0.1', item.port),
      (index) => `networking.outbound[${index}].port`,
    ),
  ];
}

const builtinGateway: Problem = {
  field: 'networking.gateway.type',
  reason: 'BUILTIN is not supported; use DELEGATED, with a gateway of your own behind the proxy',
};

function role({ gateway, inbound = [] }: Networking): Problem[] {
  if (!gateway && inbound.length === 0)
    return [{ field: 'networking', reason: 'must have at least one inbound, or be a gateway' }];
  if (!gateway || inbound.length === 0) return [];
  return [mustBeAbsent('networking.inbound', ' when gateway is set: a gateway takes no traffic of the mesh')];
}

function socket(address: string | undefined, port: number | undefined): string | undefined {
  return address && port ? `${address}:${port}` : undefined;
}

function address(field: string, value: string | undefined): Problem[] {
  if (value === undefined) return [];
  if (isUnspecified(value))
    return [{ field, reason: `must be an address at which others reach the proxy; got ${JSON.stringify(value)}` }];
  if (isIpAddress(value) || isHostName(value)) return [];
  return [{ field, reason: `must be an IP address or a DNS name; got ${JSON.stringify(value)}` }];
}

function ip(field: string, value: string | undefined): Problem[] {
  if (!value || isIpAddress(value)) return [];
  return [{ field, reason: `must be an IP address; got ${JSON.stringify(value)}` }];
}

function inboundProblems(at: string, inbound: Inbound, networking: Networking): Problem[] {
  const { port, servicePort, serviceAddress, serviceProbe } = inbound;
  const problems = [
    ...ip(`${at}.address`, inbound.address),
    ...ip(`${at}.serviceAddress`, serviceAddress),
    ...tagProblems(`${at}.tags`, inbound.tags, { service: true }),
    ...(inbound.protocol ? protocolProblems(`${at}.protocol`, inbound.protocol) : []),
    ...moreThanZero(`${at}.serviceProbe.interval`, serviceProbe?.interval),
    ...moreThanZero(`${at}.serviceProbe.timeout`, serviceProbe?.timeout),
  ];
  // The proxy would call itself, over and over.
  const samePort = !servicePort || servicePort === port;
  if (serviceAddress && samePort && serviceAddress === (inbound.address || networking.address)) {
    problems.push({
      field: `${at}.serviceAddress`,
      reason: 'serviceAddress and servicePort must not both be those of the inbound itself',
    });
  }
  return problems;
}

const destinations = ['MeshService', 'MeshExternalService', 'MeshMultiZoneService'];

function outboundProblems(at: string, outbound: Outbound): Problem[] {
  const { tags, backendRef } = outbound;
  const problems = ip(`${at}.address`, outbound.address);
  if (!backendRef) {
    return [...problems, ...tagProblems(`${at}.tags`, tags, { service: true, instead: `${at}.backendRef` })];
  }
  if (tags && Object.keys(tags).length > 0) {
    problems.push(mustBeAbsent(`${at}.tags`, ' when backendRef is set: both name the destination'));
  }
  const { kind, name, labels, port } = backendRef;
  if (kind !== undefined && !destinations.includes(kind)) {
    problems.push({
      field: `${at}.backendRef.kind`,
      reason: `must be one of ${destinations.join(', ')}; got ${JSON.stringify(kind)}`,
    });
  }
  const byLabels = labels !== undefined && Object.keys(labels).length > 0;
  if (name && byLabels) problems.push(mustBeAbsent(`${at}.backendRef.labels`, ' when name is set'));
  if (!name && !byLabels) problems.push({ field: `${at}.backendRef.name`, reason: 'must be set, or labels' });
  if (kind === 'MeshService' && port === undefined) {
    problems.push({ field: `${at}.backendRef.port`, reason: 'must be set when kind is MeshService' });
  }
  return problems;
}
