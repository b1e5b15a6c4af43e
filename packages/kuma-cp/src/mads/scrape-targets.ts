import type { MonitoringAssignment } from './assignment.ts';

/** A group of what Prometheus calls `http_sd_configs`. */
export interface ScrapeTargets {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** With the labels that its `kuma_sd_configs` makes of the same assignments. */
export function scrapeTargetsOf(assignments: readonly MonitoringAssignment[]): readonly ScrapeTargets[] {
  return assignments.flatMap(({ mesh, service, targets }) =>
    targets.map(({ name, scheme, address, metrics_path: path }) => ({
      targets: [address],
      labels: {
        __scheme__: scheme,
        __metrics_path__: path,
        __meta_kuma_mesh: mesh,
        __meta_kuma_dataplane: name,
        __meta_kuma_service: service,
        instance: name,
      },
    })),
  );
}
