import type { SettingType } from '../setting.ts';
import { accessSettings } from './access.ts';
import { apiServerSettings } from './api-server.ts';
import { dataPlaneSettings } from './data-plane.ts';
import { defaultsAndMetricsSettings } from './defaults-and-metrics.ts';
import { generalSettings } from './general.ts';
import { kubernetesSettings } from './kubernetes.ts';
import { manyControlPlanesSettings } from './many-control-planes.ts';
import { storeSettings } from './store.ts';

/** Every setting, in the order of the reference page. */
export const settingsTable = [
  ...generalSettings,
  ...storeSettings,
  ...apiServerSettings,
  ...dataPlaneSettings,
  ...accessSettings,
  ...defaultsAndMetricsSettings,
  ...manyControlPlanesSettings,
  ...kubernetesSettings,
] as const;

type Row = (typeof settingsTable)[number];

/** The value of every setting by its key; durations are milliseconds. */
export type Settings = { readonly [Each in Row as Each['key']]: Each['type'] extends SettingType<infer Value> ? Value : never };
