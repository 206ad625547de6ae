// Storage for the tests of a `describe`: one for all of them, or a new one for each.
import { after, afterEach, before, beforeEach } from 'mocha';
import { openTestStorage, type TestFolder, type TestStorage, testFolder } from './open-storage.ts';

/** Lives as long as the `describe` that it is made in. */
export class SuiteStorage {
  #folder: TestFolder | undefined;
  #storage: TestStorage | undefined;

  constructor(anew: 'for the suite' | 'for each test') {
    const [begin, end] = anew === 'for the suite' ? [before, after] : [beforeEach, afterEach];
    begin(() => {
      this.#folder = testFolder();
      this.#storage = openTestStorage(this.#folder.database);
    });
    end(async () => {
      await this.storage[Symbol.asyncDispose]();
      this.#folder?.[Symbol.dispose]();
    });
  }

  get storage(): TestStorage {
    if (!this.#storage) throw new Error('The storage is opened before the first test.');
    return this.#storage;
  }

  get database(): string {
    return this.#folder?.database ?? '';
  }

  /** As after the daemon's end: closed, and opened again on the same folder. */
  async reopen(): Promise<void> {
    await this.storage[Symbol.asyncDispose]();
    this.#storage = openTestStorage(this.database);
  }
}
