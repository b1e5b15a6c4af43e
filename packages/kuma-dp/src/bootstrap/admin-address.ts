import { parse } from 'yaml';
import { DpError } from '../dp-error.ts';

/** Where Envoy's admin interface listens: a Unix socket, or a TCP port. */
export type AdminAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

interface Bootstrap {
  readonly admin?: {
    readonly address?: {
      readonly pipe?: { readonly path?: string };
      readonly socketAddress?: { readonly address?: string; readonly portValue?: number };
      readonly socket_address?: { readonly address?: string; readonly port_value?: number };
    };
  };
}

/** Reads it from the bootstrap configuration, whose fields may be in either of protobuf's JSON spellings. */
export function adminAddressOf(bootstrap: string): AdminAddress {
  const address = (parse(bootstrap) as Bootstrap | null)?.admin?.address;
  if (address?.pipe?.path) return { socketPath: address.pipe.path };
  const host = address?.socketAddress?.address ?? address?.socket_address?.address;
  const port = address?.socketAddress?.portValue ?? address?.socket_address?.port_value;
  if (host !== undefined && port) return { host: wildcards[host] ?? host, port };
  throw new DpError({
    code: 'KUMA_DP_NO_ADMIN',
    message: "The bootstrap configuration has no admin address, so that Envoy's state and drain would be out of reach",
    hint: 'Set bootstrapServer.params.adminPort of the control plane, or networking.admin.port of the Dataplane, to more than 0.',
  });
}

const wildcards: Readonly<Record<string, string>> = { '': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1' };
