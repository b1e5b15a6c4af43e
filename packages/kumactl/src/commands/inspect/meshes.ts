import { BaseCommand, outputFlag } from '../../base-command.ts';
import { listAll } from '../../client/list-all.ts';
import { structured } from '../../output/structured.ts';
import { formatTable } from '../../output/table.ts';

interface MeshInsight {
  readonly name: string;
  readonly dataplanes?: { readonly total?: number; readonly online?: number; readonly partiallyDegraded?: number };
  readonly policies?: Readonly<Record<string, { readonly total?: number }>>;
  readonly services?: { readonly total?: number };
}

export default class InspectMeshes extends BaseCommand {
  static override summary = 'Show proxies, services and policies of each mesh';
  static override flags = { output: outputFlag() };

  async run(): Promise<void> {
    const { flags } = await this.parse(InspectMeshes);
    const list = await listAll<MeshInsight>(this.client(), '/mesh-insights');
    if (flags.output !== 'table') return this.print(structured(list, flags.output));
    const rows = list.items.map((mesh) => [
      mesh.name,
      `${mesh.dataplanes?.online ?? 0}/${mesh.dataplanes?.total ?? 0}`,
      String(mesh.services?.total ?? 0),
      String(Object.values(mesh.policies ?? {}).reduce((sum, stat) => sum + (stat.total ?? 0), 0)),
    ]);
    this.print(formatTable(['NAME', 'DATAPLANES', 'SERVICES', 'POLICIES'], rows));
  }
}
