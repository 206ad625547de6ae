// Entry of the indexer: a child process of low priority that reads and cuts a project's files, so that neither the daemon nor the
// editor feels it. Knows no database; it is told what is known, and says what changed.
import { constants, setPriority } from 'node:os';
import { createIgnore } from '../ignore/ignore.ts';
import { Parsers } from './chunk/parsers.ts';
import type { FromIndexer, ScanRequest, ToIndexer } from './messages.ts';
import { scan } from './scan.ts';

const maxWaiting = 16; // files that were sent and are not yet stored

/** Lives as long as the indexer's process. */
class Host {
  readonly #parsers = new Parsers((sentence) => send({ kind: 'note', sentence }));
  #isPaused = false;
  #waiting = 0;
  #wake: (() => void)[] = [];

  receive(message: ToIndexer): void {
    switch (message.kind) {
      case 'scan':
        void this.#scan(message.scan);
        break;
      case 'pause':
        this.#isPaused = true;
        break;
      case 'resume':
        this.#isPaused = false;
        break;
      case 'taken':
        this.#waiting--;
        break;
    }
    if (this.#isReady()) for (const wake of this.#wake.splice(0)) wake();
  }

  async #scan(request: ScanRequest): Promise<void> {
    const ignore = createIgnore({ ownFolders: request.ownFolders });
    try {
      await scan(request, {
        ignore,
        parsers: this.#parsers,
        ready: () => this.#ready(),
        send: (message) => this.#send(message),
      });
      send({ kind: 'done' });
    } catch (error) {
      send({ kind: 'failed', sentence: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }

  #send(message: FromIndexer): void {
    if (message.kind === 'file' || message.kind === 'touched') this.#waiting++;
    send(message);
  }

  async #ready(): Promise<void> {
    while (!this.#isReady()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  #isReady(): boolean {
    return !this.#isPaused && this.#waiting < maxWaiting;
  }
}

function send(message: FromIndexer): void {
  process.send?.(message);
}

try {
  setPriority(constants.priority.PRIORITY_LOW);
} catch {
  // Not every system lets it; then it runs like any other process.
}
const host = new Host();
process.on('message', (message) => host.receive(message as ToIndexer));
process.on('disconnect', () => process.exit(0)); // the daemon is gone; what it did not store is read again
