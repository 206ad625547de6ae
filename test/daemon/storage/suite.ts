// Storage for the tests of a `describe`: one for all of them, or a new one for each.
import { after, afterEach, before, beforeEach } from 'mocha';
import { openTestMemory, type TestFolder, type TestMemory, testFolder } from './open-storage.ts';

/** Lives as long as the `describe` that it is made in. */
export class SuiteMemory {
  #folder: TestFolder | undefined;
  #memory: TestMemory | undefined;

  constructor(anew: 'for the suite' | 'for each test') {
    const [begin, end] = anew === 'for the suite' ? [before, after] : [beforeEach, afterEach];
    begin(() => {
      this.#folder = testFolder();
      this.#memory = openTestMemory(this.#folder.database);
    });
    end(async () => {
      await this.memory[Symbol.asyncDispose]();
      this.#folder?.[Symbol.dispose]();
    });
  }

  get memory(): TestMemory {
    if (!this.#memory) throw new Error('The storage is opened before the first test.');
    return this.#memory;
  }

  get database(): string {
    return this.#folder?.database ?? '';
  }

  /** As after the daemon's end: closed, and opened again on the same folder. */
  async reopen(): Promise<void> {
    await this.memory[Symbol.asyncDispose]();
    this.#memory = openTestMemory(this.database);
  }
}
