import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';
import { CliError } from '../../../cli-error.ts';
import { ApiClient } from '../../../client/api-client.ts';
import { type ApiServer, readConfiguration, writeConfiguration } from '../../../config/config-file.ts';
import { parsePairs } from '../../../input/pairs.ts';

/** What a control plane says of itself; older ones say `tagline`. */
interface Index {
  readonly product?: string;
  readonly tagline?: string;
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
    const configuration = readConfiguration(this.globals.configFile);
    if (!flags.overwrite && configuration.controlPlanes.some((each) => each.name === name)) {
      throw new CliError({
        code: 'NAME_TAKEN',
        message: `there is a control plane "${name}" already`,
        hint: 'use --overwrite, or another --name',
      });
    }
    const server = this.#server(flags);
    await this.#probe(server);
    const others = <T extends { readonly name: string }>(items: readonly T[]) => items.filter((item) => item.name !== name);
    writeConfiguration(this.globals.configFile, {
      controlPlanes: [...others(configuration.controlPlanes), { name, coordinates: { apiServer: server } }],
      contexts: [...others(configuration.contexts), { name, controlPlane: name, defaults: { mesh: 'default' } }],
      currentContext: name,
    });
    this.print(`added Control Plane "${name}"\nswitched active Control Plane to "${name}"`);
  }

  #server(flags: {
    address: string;
    'ca-cert-file'?: string;
    'client-cert-file'?: string;
    'client-key-file'?: string;
    'skip-verify': boolean;
    headers?: string[];
    'auth-type'?: string;
    'auth-conf'?: string[];
  }): ApiServer {
    if (!/^https?:\/\/[^/]+/.test(flags.address)) {
      throw new CliError({
        code: 'FLAG_INVALID',
        message: `--address "${flags.address}" is not a URL`,
        hint: 'write it like http://localhost:5681',
      });
    }
    return {
      url: flags.address,
      ...(flags['ca-cert-file'] ? { caCertFile: flags['ca-cert-file'] } : {}),
      ...(flags['client-cert-file'] ? { clientCertFile: flags['client-cert-file'] } : {}),
      ...(flags['client-key-file'] ? { clientKeyFile: flags['client-key-file'] } : {}),
      ...(flags['skip-verify'] ? { skipVerify: true } : {}),
      ...(flags.headers
        ? { headers: Object.entries(parsePairs('--headers', flags.headers)).map(([key, value]) => ({ key, value })) }
        : {}),
      ...(flags['auth-type'] ? { authType: flags['auth-type'] } : {}),
      ...(flags['auth-conf'] ? { authConf: parsePairs('--auth-conf', flags['auth-conf']) } : {}),
    };
  }

  /** An address that is no control plane must not become the current one. */
  async #probe(server: ApiServer): Promise<void> {
    const index = await new ApiClient(server, this.globals.timeout).getJson<Index>('/').catch((error: Error) => {
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
  }
}
