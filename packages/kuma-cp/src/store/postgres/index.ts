export { postgresOptions } from './postgres-settings.ts';
export { migratePostgresStore, openPostgresStore } from './postgres-store.ts';
