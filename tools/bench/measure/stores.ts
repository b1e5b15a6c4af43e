export const storeNames = ['memory', 'embedded', 'postgres'] as const;
export type StoreName = (typeof storeNames)[number];

export interface OpenStore {
  /** Settings of a control plane that keeps its resources here. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A fresh store; PostgreSQL is a real server on this machine. */
export async function openStoreFor(name: StoreName): Promise<OpenStore> {
  if (name !== 'postgres') return { env: { KUMA_STORE_TYPE: name }, close: async () => {} };
  const { PostgresServer } = await import('../../fixtures/postgres.ts');
  const server = await PostgresServer.start();
  return { env: server.environment(await server.createDatabase()), close: () => server.dispose() };
}
