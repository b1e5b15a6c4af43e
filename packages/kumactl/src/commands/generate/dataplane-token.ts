import * as Flags from '@oclif/core/flags';
import { BaseCommand, meshFlag } from '../../base-command.ts';
import { parseTags } from '../../input/pairs.ts';

export default class GenerateDataplaneToken extends BaseCommand {
  static override summary = 'Make a token with which a proxy proves who it is';
  static override examples = [
    '<%= config.bin %> generate dataplane-token --name web-1 --tag kuma.io/service=web --valid-for 720h',
  ];
  static override flags = {
    mesh: meshFlag,
    name: Flags.string({ description: 'only for the Dataplane of this name' }),
    tag: Flags.string({
      description: 'only for Dataplanes whose tags have no other value, as key=value1,value2',
      multiple: true,
    }),
    'proxy-type': Flags.string({ description: 'dataplane, ingress or egress', options: ['dataplane', 'ingress', 'egress'] }),
    workload: Flags.string({ description: 'only for this workload' }),
    'valid-for': Flags.string({ description: 'how long the token is valid, such as 720h', required: true }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(GenerateDataplaneToken);
    const token = await this.client().post('/tokens/dataplane', {
      mesh: this.mesh(flags.mesh),
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.tag === undefined ? {} : { tags: parseTags(flags.tag) }),
      ...(flags['proxy-type'] === undefined ? {} : { type: flags['proxy-type'] }),
      ...(flags.workload === undefined ? {} : { workload: flags.workload }),
      validFor: flags['valid-for'],
    });
    process.stdout.write(token);
  }
}
