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
