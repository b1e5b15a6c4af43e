import type { ProbeDefaults } from '@kuma-mesh/xds-encode/health-discovery/health-checks.ts';
import type { BootstrapSettings } from '../dp-server/bootstrap/bootstrap-settings.ts';
import type { Settings } from '../settings/table/index.ts';

/** What the settings say of bootstrap, in its own words. */
export function bootstrapSettings(settings: Settings): BootstrapSettings {
  return {
    adminPort: settings['bootstrapServer.params.adminPort'],
    adminAddress: settings['bootstrapServer.params.adminAddress'],
    adminUnixSocket: settings['bootstrapServer.params.envoyAdminUnixSocket'],
    readinessPort: settings['bootstrapServer.params.readinessPort'],
    xdsHost: settings['bootstrapServer.params.xdsHost'],
    xdsPort: settings['bootstrapServer.params.xdsPort'],
    xdsConnectTimeout: settings['bootstrapServer.params.xdsConnectTimeout'],
    tokenRequired: settings['dpServer.authn.dpProxy.type'] !== 'none',
    reloadableTokens: settings['dpServer.authn.enableReloadableTokens'],
    healthDiscovery: settings['dpServer.hds.enabled'],
  };
}

/** What the settings say of the health checks of applications. */
export function probeDefaults(settings: Settings): ProbeDefaults {
  return {
    reportInterval: settings['dpServer.hds.interval'],
    interval: settings['dpServer.hds.checkDefaults.interval'],
    timeout: settings['dpServer.hds.checkDefaults.timeout'],
    noTrafficInterval: settings['dpServer.hds.checkDefaults.noTrafficInterval'],
    healthyThreshold: settings['dpServer.hds.checkDefaults.healthyThreshold'],
    unhealthyThreshold: settings['dpServer.hds.checkDefaults.unhealthyThreshold'],
  };
}
