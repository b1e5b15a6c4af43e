export { EnvoyUnavailable } from './envoy-unavailable.ts';
export { findEnvoy, isNativeProgram } from './find.ts';
export { ensureEnvoy, type InstallOptions } from './install.ts';
export { envoyVersion } from './release.ts';
