import { executable } from '../../tools/bundle/executable.ts';

export default executable({
  // The worker is a file of its own beside the entry, where the pool that starts it looks for it.
  entry: { main: 'src/main.ts', 'signing-worker': 'src/identity/signing-worker.ts' },
});
