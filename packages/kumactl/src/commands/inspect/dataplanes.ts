import * as Flags from '@oclif/core/flags';
import { BaseCommand, meshFlag, outputFlag } from '../../base-command.ts';
import { listAll } from '../../client/list-all.ts';
import { parsePairs } from '../../input/pairs.ts';
import { type Overview, overviewHeaders, overviewRow } from '../../output/dataplane-overview.ts';
import { structured } from '../../output/structured.ts';
import { formatTable } from '../../output/table.ts';

export default class InspectDataplanes extends BaseCommand {
  static override summary = 'Show the proxies of a mesh: status, connections, updates, certificates, versions';
  static override flags = {
    mesh: meshFlag,
    output: outputFlag(),
    tag: Flags.string({ description: 'only proxies with this key=value, or several between commas', multiple: true }),
    gateway: Flags.boolean({ description: 'only gateways', default: false }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(InspectDataplanes);
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(parsePairs('--tag', flags.tag))) query.append('tag', `${key}:${value}`);
    if (flags.gateway) query.set('gateway', 'true');
    const path = `/meshes/${encodeURIComponent(this.mesh(flags.mesh))}/dataplanes/_overview`;
    const list = await listAll<Overview>(this.client(), path, query);
    if (flags.output !== 'table') return this.print(structured(list, flags.output));
    this.print(
      formatTable(
        overviewHeaders,
        list.items.map((item) => overviewRow(item)),
      ),
    );
    for (const item of list.items) {
      for (const rejection of item.dataplaneInsight?.rejections ?? []) {
        this.printWarning(
          `${item.name} rejected ${rejection.name}: ${rejection.message} (from ${rejection.origins?.join(', ') || 'no policy'})`,
        );
      }
    }
  }
}
