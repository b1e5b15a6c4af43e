import { BaseCommand, outputFlag } from '../../base-command.ts';
import { listAll } from '../../client/list-all.ts';
import { structured } from '../../output/structured.ts';
import { formatTable } from '../../output/table.ts';

export default class InspectZones extends BaseCommand {
  static override summary = 'Show the zones that the control plane knows';
  static override flags = { output: outputFlag() };

  async run(): Promise<void> {
    const { flags } = await this.parse(InspectZones);
    const list = await listAll<{ name: string; zone?: { enabled?: boolean } }>(this.client(), '/zones/_overview');
    if (flags.output !== 'table') return this.print(structured(list, flags.output));
    this.print(
      formatTable(
        ['NAME', 'ENABLED'],
        list.items.map((zone) => [zone.name, zone.zone?.enabled === false ? 'no' : 'yes']),
      ),
    );
  }
}
