import { keyString, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';

interface Asked<Row> {
  readonly key: ResourceKey;
  readonly answer: PromiseWithResolvers<Row | undefined>;
}

/**
 * Reads one by one what is asked for one by one, except that all that is asked for while one is under way is one more: a
 * thousand proxies that connect at once should not each have a statement, nor a connection, of their own.
 */
export class GatheredReads<Row extends ResourceKey> {
  readonly #read: (keys: readonly ResourceKey[]) => Promise<readonly Row[]>;
  #asked: Asked<Row>[] = [];
  #reading = false;

  /** @param read gives the rows that there are */
  constructor(read: (keys: readonly ResourceKey[]) => Promise<readonly Row[]>) {
    this.#read = read;
  }

  /** As the database has it at the time of the call, or newer. @throws what `read` throws */
  get(key: ResourceKey): Promise<Row | undefined> {
    const answer = Promise.withResolvers<Row | undefined>();
    this.#asked.push({ key, answer });
    if (!this.#reading) void this.#readAll();
    return answer.promise;
  }

  async #readAll(): Promise<void> {
    this.#reading = true;
    while (this.#asked.length > 0) {
      const asked = this.#asked;
      this.#asked = [];
      try {
        const rows = new Map((await this.#read(asked.map(({ key }) => key))).map((row) => [keyString(row), row]));
        for (const { key, answer } of asked) answer.resolve(rows.get(keyString(key)));
      } catch (error) {
        for (const { answer } of asked) answer.reject(error);
      }
    }
    this.#reading = false;
  }
}
