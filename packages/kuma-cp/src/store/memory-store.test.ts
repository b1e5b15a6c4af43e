import { describe } from 'vitest';
import { describeResourceStore } from './conformance.ts';
import { createMemoryStore } from './memory-store.ts';

describe('memory store', () => {
  describeResourceStore(async () => createMemoryStore());
});
