/** One thing that a fresh checkout needs before anything runs. */
export interface Step {
  readonly name: string;
  /** Files and folders, relative to the root, whose content decides whether the step must run again. */
  readonly inputs: readonly string[];
  /** Steps that must be done before. Their stamps count as inputs. */
  readonly after: readonly string[];
  /** What the step makes; it runs again when one is missing. */
  readonly outputs: readonly string[];
  /** Program and arguments, run at the folder `cwd` below the root. */
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
}

const libraries = ['core-model', 'xds-encode', 'envoy-api'].map((name) => `packages/${name}/src`);

function bundle(name: string, sources: readonly string[], after: readonly string[]): Step {
  const folder = `packages/${name}`;
  return {
    name: `build ${name}`,
    inputs: [
      `${folder}/src`,
      `${folder}/package.json`,
      `${folder}/tsdown.config.ts`,
      'tools/bundle',
      'pnpm-lock.yaml',
      ...sources,
    ],
    after,
    outputs: [`${folder}/dist`],
    command: ['tsdown', '--logLevel', 'warn'],
    cwd: folder,
  };
}

export const steps: readonly Step[] = [
  {
    name: 'generate resources',
    inputs: ['proto', 'tools/codegen', 'pnpm-lock.yaml'],
    after: [],
    outputs: ['packages/core-model/src/generated/types', 'packages/core-model/src/generated/kinds.ts'],
    command: ['node', 'tools/codegen/main.ts'],
  },
  {
    name: 'generate Envoy API',
    inputs: ['tools/codegen/envoy-api.ts', 'tools/codegen/envoy-api', 'tools/codegen/buf.gen.envoy.yaml', 'pnpm-lock.yaml'],
    after: [],
    outputs: ['packages/envoy-api/src/generated'],
    command: ['node', 'tools/codegen/envoy-api.ts'],
  },
  bundle('envoy', [], []),
  bundle('kumactl', libraries.slice(0, 2), ['generate resources', 'generate Envoy API']),
  bundle('kuma-cp', libraries, ['generate resources', 'generate Envoy API']),
  bundle('kuma-dp', [libraries[0]!, 'packages/envoy/src'], ['generate resources']),
  {
    name: 'install Envoy',
    inputs: ['packages/envoy/src'],
    after: ['build envoy'],
    outputs: [],
    command: ['node', 'packages/envoy/bin/envoy.js', '--version'],
  },
];
