import type { LayeredRuntime } from '@kuma-mesh/envoy-api/generated/envoy/config/bootstrap/v3/bootstrap.ts';
import { overAds } from '../envoy/values.ts';
import { permissionRuntime } from '../permission/names.ts';

/** Large regular expressions are warned of and not refused: what a policy says was accepted when it was written. */
export const runtime: LayeredRuntime = {
  layers: [
    {
      name: 'kuma',
      layerSpecifier: {
        $case: 'staticLayer',
        value: { 're2.max_program_size.error_level': 4294967295, 're2.max_program_size.warn_level': 1000 },
      },
    },
    {
      name: permissionRuntime,
      layerSpecifier: { $case: 'rtdsLayer', value: { name: permissionRuntime, rtdsConfig: overAds() } },
    },
  ],
};
