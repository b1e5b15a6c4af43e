import { isAbsolute, resolve } from 'node:path';
import type { FlagValues, ParsedFlags } from '../cli/parse-flags.ts';
import type { runFlags } from '../cli/run-flags.ts';

type Values = FlagValues<typeof runFlags>;

/** What `kuma-dp run` was asked to do, checked. Times are milliseconds. */
export interface RunSettings extends Omit<Values, 'cpAddress'> {
  /** Only scheme, host and port. */
  readonly cpAddress: URL;
  readonly binaryGiven: boolean;
}

export type CheckedSettings =
  | { readonly ok: true; readonly settings: RunSettings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Checks what concerns several flags; every problem is reported. */
export function checkRunSettings(parsed: ParsedFlags<typeof runFlags>): CheckedSettings {
  const { values, given } = parsed;
  const problems = [...parsed.problems];
  const cpAddress = readAddress(values.cpAddress, problems);
  const templated = Boolean(values.dataplane || values.dataplaneFile);
  if (values.dataplane && values.dataplaneFile) problems.push('--dataplane and --dataplane-file exclude each other');
  if (templated && (given.has('name') || given.has('mesh'))) {
    problems.push('--name and --mesh cannot stand beside a Dataplane template: the template says both');
  }
  if (!templated && !values.name) problems.push('--name is needed (or --dataplane-file with a template that has a name)');
  if (!templated && !values.mesh && values.proxyType === 'dataplane') problems.push('--mesh is needed beside --name');
  if (given.has('dataplaneVars') && !templated)
    problems.push('--dataplane-var needs a template: --dataplane-file or --dataplane');
  if (values.drainTime !== undefined && values.drainTime <= 0) problems.push('--drain-time must be more than 0');
  if (values.token && values.tokenFile) problems.push('--dataplane-token and --dataplane-token-file exclude each other');
  if (problems.length > 0 || !cpAddress) return { ok: false, problems };
  const settings: RunSettings = {
    ...values,
    cpAddress,
    binaryGiven: given.has('binaryPath') && values.binaryPath !== 'envoy',
    workDir: absolute(values.workDir),
    tokenFile: absolute(values.tokenFile),
  };
  return { ok: true, settings: Object.freeze(settings), warnings: inertWarnings(parsed) };
}

function readAddress(text: string, problems: string[]): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.hostname !== '') return url;
  problems.push(`--cp-address must be an https:// URL such as https://localhost:5678, not ${JSON.stringify(text)}`);
  return undefined;
}

function inertWarnings({ given, values }: ParsedFlags<typeof runFlags>): string[] {
  const warnings: string[] = [];
  const dns = [...given].filter((key) => key.startsWith('dns'));
  // Only a switched-off resolver is what we have: whoever says so asks for nothing that is missing.
  if (dns.length > 0 && values.dnsEnabled) {
    warnings.push('DNS for names in the mesh is not built yet; --dns-* and KUMA_DNS_* have no effect');
  }
  if (given.has('probeProxyPort') && values.probeProxyPort !== 0) {
    warnings.push('The proxy for application probes is not built yet; KUMA_APPLICATION_PROBE_PROXY_PORT has no effect');
  }
  return warnings;
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined || isAbsolute(path) ? path : resolve(path);
}
