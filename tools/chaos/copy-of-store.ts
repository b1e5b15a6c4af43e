import type { ControlPlanes } from '../fixtures/control-planes.ts';
import { ManagedProcess } from '../fixtures/managed-process.ts';

/** What the control planes have stored, in a database of its own. @returns the settings of a control plane on it */
export async function copyOfStore({ postgres, database }: ControlPlanes): Promise<Record<string, string>> {
  const copy = await postgres.createDatabase();
  const settings = postgres.environment(copy);
  const migration = new ManagedProcess({ name: 'kuma-cp migrate up', command: ['kuma-cp', 'migrate', 'up'], env: settings });
  const { code } = await migration.exited;
  if (code !== 0) throw new Error(`the copy of the store was not migrated:\n${migration.output}`);
  // Which control plane serves a proxy is another matter there.
  const [{ rows }] = (await postgres.query(
    database,
    `select coalesce(json_agg(r), '[]')::text as rows from resources r where type <> 'DataplaneRegistration'`,
  )) as [{ rows: string }];
  await postgres.query(copy, 'insert into resources select * from json_populate_recordset(null::resources, $1)', [rows]);
  await postgres.query(copy, 'update store_revision set revision = (select max(revision) from resources)');
  return settings;
}
