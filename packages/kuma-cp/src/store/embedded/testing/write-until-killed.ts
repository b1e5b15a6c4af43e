import { writeSync } from 'node:fs';
import { openEmbeddedStore } from '../embedded-store.ts';

/** Prints `open`, then the name of every resource whose creation was answered, until it is killed. */
const store = await openEmbeddedStore({ dir: process.argv[2]! });
writeSync(1, 'open\n');
for (let i = 0; ; i++) {
  const name = `dp-${i}`;
  const draft = { type: 'Dataplane', mesh: 'default', labels: {}, spec: { padding: 'x'.repeat(i % 5000) } };
  await store.write([
    { op: 'create', draft: { ...draft, name } },
    { op: 'create', draft: { ...draft, type: 'Secret', name } },
  ]);
  writeSync(1, `${name}\n`);
}
