import { networkInterfaces } from 'node:os';

/**
 * Where other control planes find this one.
 * @param stated setting `interCp.catalog.instanceAddress`; without it, the first address of the host that is not its loopback
 */
export function ownAddress(stated: string): string {
  if (stated !== '') return stated;
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const outside = addresses.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return (outside.find(({ family }) => family === 'IPv4') ?? outside[0])?.address ?? '127.0.0.1';
}
