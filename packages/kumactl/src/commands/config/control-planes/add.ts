import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';
import { CliError } from '../../../cli-error.ts';
import { ApiClient } from '../../../client/api-client.ts';
import {
  type ApiServer,
  type Configuration,
  changeConfiguration,
  readOrBeginConfiguration,
} from '../../../config/config-file.ts';
import { parsePairs } from '../../../input/pairs.ts';

/** What a control plane says of itself; older ones say `tagline`. */
interface Index {
  readonly product?: string;
  readonly tagline?: string;
}

interface ServerFlags {
  readonly address: string;
  readonly 'ca-cert-file'?: string;
  readonly 'client-cert-file'?: string;
  readonly 'client-key-file'?: string;
  readonly 'skip-verify': boolean;
  readonly headers?: string[];
  readonly 'auth-type'?: string;
  readonly 'auth-conf'?: string[];
}

export default class ConfigControlPlanesAdd extends BaseCommand {
  static override summary = 'Add a control plane and make it the current one';
  static override examples = [
    '<%= config.bin %> config control-planes add --name prod --address https://cp.example.com:5682 --ca-cert-file kuma-cp.crt',
  ];
  static override flags = {
    name: Flags.string({ description: 'name of the control plane, and of the context', required: true }),
    address: Flags.string({ description: 'URL of its HTTP API', required: true }),
    overwrite: Flags.boolean({ description: 'replace one of the same name', default: false }),
    'ca-cert-file': Flags.string({ description: 'CA certificate of the control plane' }),
    'client-cert-file': Flags.string({ description: 'client certificate' }),
    'client-key-file': Flags.string({ description: 'key of the client certificate' }),
    'skip-verify': Flags.boolean({ description: 'trust any certificate (for trials)', default: false }),
    headers: Flags.string({ description: 'header to send, as key=value', multiple: true }),
    'auth-type': Flags.string({ description: 'how to authenticate', options: ['tokens'] }),
    'auth-conf': Flags.string({ description: 'settings of the authentication, as token=…', multiple: true }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ConfigControlPlanesAdd);
    const { name } = flags;
    const refuseTaken = ({ controlPlanes }: Configuration) => {
      if (flags.overwrite || !controlPlanes.some((each) => each.name === name)) return;
      throw new CliError({
        code: 'NAME_TAKEN',
        message: `there is a control plane "${name}" already`,
        hint: 'use --overwrite, or another --name',
      });
    };
    refuseTaken(readOrBeginConfiguration(this.globals.configFile));
    const server = this.#server(flags);
    await this.#probe(server);
    const others = <T extends { readonly name: string }>(items: readonly T[]) => items.filter((item) => item.name !== name);
    const added = (before: Configuration): Configuration => {
      refuseTaken(before);
      return {
        controlPlanes: [...others(before.controlPlanes), { name, coordinates: { apiServer: server } }],
        contexts: [...others(before.contexts), { name, controlPlane: name, defaults: { mesh: 'default' } }],
        currentContext: name,
      };
    };
    await changeConfiguration(this.globals.configFile, added, readOrBeginConfiguration);
    this.print(`added Control Plane "${name}"\nswitched active Control Plane to "${name}"`);
  }

  #server(flags: ServerFlags): ApiServer {
    if (!/^https?:\/\/[^/]+/.test(flags.address)) {
      throw new CliError({
        code: 'FLAG_INVALID',
        message: `--address "${flags.address}" is not a URL`,
        hint: 'write it like http://localhost:5681',
      });
    }
    const authConf = flags['auth-conf'] && parsePairs('--auth-conf', flags['auth-conf']);
    refuseIncomplete(flags, authConf);
    return {
      url: flags.address,
      // kumactl is called from other folders later on.
      ...(flags['ca-cert-file'] ? { caCertFile: resolve(flags['ca-cert-file']) } : {}),
      ...(flags['client-cert-file'] ? { clientCertFile: resolve(flags['client-cert-file']) } : {}),
      ...(flags['client-key-file'] ? { clientKeyFile: resolve(flags['client-key-file']) } : {}),
      ...(flags['skip-verify'] ? { skipVerify: true } : {}),
      ...(flags.headers
        ? { headers: Object.entries(parsePairs('--headers', flags.headers)).map(([key, value]) => ({ key, value })) }
        : {}),
      ...(flags['auth-type'] ? { authType: flags['auth-type'] } : {}),
      ...(authConf ? { authConf } : {}),
    };
  }

  /** An address that is no control plane, or one that refuses the token, must not become the current one. */
  async #probe(server: ApiServer): Promise<void> {
    const client = new ApiClient(server, this.globals.timeout);
    const index = await client.getJson<Index>('/').catch((error: Error) => {
      if (error instanceof SyntaxError) return {} as Index;
      throw error;
    });
    if ((index.product ?? index.tagline) !== 'Kuma') {
      throw new CliError({
        code: 'NO_CONTROL_PLANE',
        message: `what answers at ${server.url} is not a control plane of this kind`,
        hint: 'the HTTP API listens on port 5681 (5682 with TLS)',
      });
    }
    // Above anybody is welcome, with whatever token.
    if (server.authType !== undefined) await client.findJson('/who-am-i');
  }
}

/** Where one flag needs another one, what is there would be passed over without a word. */
function refuseIncomplete(flags: ServerFlags, authConf: Readonly<Record<string, string>> | undefined): void {
  const problems = [
    flags['client-cert-file'] && !flags['client-key-file'] ? '--client-cert-file needs --client-key-file' : '',
    flags['client-key-file'] && !flags['client-cert-file'] ? '--client-key-file needs --client-cert-file' : '',
    flags['auth-type'] && !authConf?.token ? `--auth-type=${flags['auth-type']} needs --auth-conf token=...` : '',
    authConf && !flags['auth-type'] ? '--auth-conf needs --auth-type=tokens' : '',
  ].filter(Boolean);
  if (problems.length > 0) throw new CliError({ code: 'FLAG_INVALID', message: problems.join('; ') });
}
