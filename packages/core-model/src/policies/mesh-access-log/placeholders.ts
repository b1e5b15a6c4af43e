import type { TemplatePartIr } from '../../ir/index.ts';
import type { InboundView, MeshView } from '../policy.ts';

/** Traffic as a format sees it. */
export type LoggedTraffic =
  | { readonly direction: 'INBOUND'; readonly about: InboundView }
  | { readonly direction: 'OUTBOUND'; readonly about: MeshView & { readonly destination: { readonly service: string } } };

type Meaning = (traffic: LoggedTraffic) => TemplatePartIr;

/** The command operators that the mesh adds to the proxy's. */
export const placeholders: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['KUMA_MESH', ({ about }) => text(about.mesh)],
  ['KUMA_TRAFFIC_DIRECTION', ({ direction }) => text(direction)],
  ['KUMA_SOURCE_SERVICE', (traffic) => (traffic.direction === 'OUTBOUND' ? own('service') : clientService(traffic.about))],
  ['KUMA_DESTINATION_SERVICE', (traffic) => text(destinationService(traffic))],
  ['KUMA_SOURCE_ADDRESS_WITHOUT_PORT', (traffic) => sourceAddress(traffic, false)],
  // Kept from the time before the one without a port; there is none to tell on the side of the source.
  ['KUMA_SOURCE_ADDRESS', (traffic) => sourceAddress(traffic, true)],
  ['KUMA_ZONE', () => own('zone')],
  ['KUMA_WORKLOAD', () => own('workload')],
  ['KUMA_PERMISSION', (traffic) => (isAsked(traffic) ? { kind: 'permission' } : text('-'))],
]);

function text(value: string): TemplatePartIr {
  return { kind: 'text', text: value };
}

function own(fact: Extract<TemplatePartIr, { kind: 'proxy' }>['fact']): TemplatePartIr {
  return { kind: 'proxy', fact };
}

function clientService({ tls }: InboundView): TemplatePartIr {
  return tls === 'off' ? text('unknown') : { kind: 'client-service' };
}

function destinationService(traffic: LoggedTraffic): string {
  return traffic.direction === 'INBOUND' ? traffic.about.service : traffic.about.destination.service;
}

function sourceAddress({ direction }: LoggedTraffic, port: boolean): TemplatePartIr {
  if (direction === 'INBOUND') return { kind: 'client-address', port };
  return own(port ? 'address-with-port' : 'address');
}

/** Clients without certificates need no permission, and the side of the client has none to ask. */
function isAsked({ direction, about }: LoggedTraffic): boolean {
  return direction === 'INBOUND' && about.tls !== 'off';
}
