import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, meshFlag } from '../../base-command.ts';
import { CliError } from '../../cli-error.ts';
import { structured } from '../../output/structured.ts';

/** What is Envoy's is shown as JSON, for `jq` and its kind, as Kuma shows it. */
const envoys: readonly string[] = ['config-dump', 'config'];
const views = {
  rules: '_rules',
  policies: '_policies',
  layout: '_layout',
  overview: '_overview',
  'config-dump': 'xds',
  config: '_config',
  stats: 'stats',
  clusters: 'clusters',
} as const;
/** Flags that ask for something that one view alone has. */
const flagsOfOneType = { shadow: 'config', include: 'config', 'include-eds': 'config-dump' } as const;

export default class InspectDataplane extends BaseCommand {
  static override summary = 'Show one proxy: the rules it runs, its configuration, its statistics';
  static override args = { name: Args.string({ description: 'name of the Dataplane', required: true }) };
  static override flags = {
    mesh: meshFlag,
    type: Flags.string({ description: 'what to show', options: Object.keys(views), default: 'rules' }),
    shadow: Flags.boolean({ description: 'with --type=config: as if shadow policies were in force', default: false }),
    include: Flags.string({
      description: 'with --type=config: diff shows the difference to the running one',
      options: ['diff'],
      multiple: true,
      multipleNonGreedy: true,
    }),
    'include-eds': Flags.boolean({ description: 'with --type=config-dump: endpoints as well', default: false }),
    output: Flags.string({
      char: 'o',
      description: 'output format; yaml when absent, and json for --type=config and config-dump; stats and clusters are text',
      options: ['yaml', 'json'],
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(InspectDataplane);
    for (const [flag, type] of Object.entries(flagsOfOneType)) {
      if (!flags[flag as keyof typeof flagsOfOneType] || flags.type === type) continue;
      throw new CliError({ code: 'FLAG_OF_ANOTHER_TYPE', message: `--${flag} is for --type=${type}, not --type=${flags.type}` });
    }
    const view = views[flags.type as keyof typeof views];
    const query = new URLSearchParams();
    if (flags.shadow) query.set('shadow', 'true');
    if (flags.include) query.set('include', flags.include.join(','));
    if (flags['include-eds']) query.set('include_eds', 'true');
    const path = `/meshes/${encodeURIComponent(this.mesh(flags.mesh))}/dataplanes/${encodeURIComponent(args.name)}/${view}`;
    const text = await this.client().getText(query.size > 0 ? `${path}?${query}` : path);
    if (view === 'stats' || view === 'clusters') return this.print(text);
    const output = flags.output ?? (envoys.includes(flags.type) ? 'json' : 'yaml');
    this.print(structured(JSON.parse(text), output as 'yaml' | 'json'));
  }
}
