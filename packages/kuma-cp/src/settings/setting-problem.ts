/** One thing that is wrong with the settings. */
export interface SettingProblem {
  /** Path of the setting in the configuration file. */
  readonly key: string;
  /** Where it was set: `kuma-cp.yaml:12`, or an environment variable. */
  readonly source: string;
  readonly reason: string;
}

export function formatProblem({ key, source, reason }: SettingProblem): string {
  return `${key === '' ? source : `${key} (${source})`}: ${reason}`;
}
