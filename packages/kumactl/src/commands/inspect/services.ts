import { BaseCommand, meshFlag, outputFlag } from '../../base-command.ts';
import { listAll } from '../../client/list-all.ts';
import { structured } from '../../output/structured.ts';
import { formatTable } from '../../output/table.ts';

interface Service {
  readonly name: string;
  readonly status?: string;
  readonly dataplanes?: { readonly online?: number; readonly total?: number };
}

export default class InspectServices extends BaseCommand {
  static override summary = 'Show the services of a mesh and how many of their proxies are online';
  static override flags = { mesh: meshFlag, output: outputFlag() };

  async run(): Promise<void> {
    const { flags } = await this.parse(InspectServices);
    const mesh = encodeURIComponent(this.mesh(flags.mesh));
    const list = await listAll<Service>(this.client(), `/meshes/${mesh}/service-insights`);
    if (flags.output !== 'table') return this.print(structured(list, flags.output));
    const rows = list.items.map((service) => [
      service.name,
      statusWord(service.status),
      `${service.dataplanes?.online ?? 0}/${service.dataplanes?.total ?? 0}`,
    ]);
    this.print(formatTable(['SERVICE', 'STATUS', 'DATAPLANES'], rows));
  }
}

function statusWord(status: string | undefined): string {
  const words = (status ?? 'not_available').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
