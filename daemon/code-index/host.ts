// Entry of the indexer: a child process of low priority that reads and cuts a project's files, so that neither the daemon nor the
// editor feels it. Knows no database: a scan says what is known already, and is answered with what has changed.
import { constants, setPriority } from 'node:os';
import { throwIfCancelled } from '../base/errors.ts';
import { type ChildCall, serveParent } from '../base/process/child-peer.ts';
import { createIgnore } from '../ignore/ignore.ts';
import { faultsIn, type SyntaxFaults, type SyntaxRequest } from './chunk/faults.ts';
import { type Declaration, type OutlineRequest, outlineOf } from './chunk/outline.ts';
import { Parsers } from './chunk/parsers.ts';
import type { IndexerProtocol, ScanPart, ScanRequest } from './messages.ts';
import { scan } from './scan.ts';

const maxUnstored = 16; // files that were sent and are not yet stored

/** Lives as long as the indexer's process. Does one scan at a time. */
class Host {
  readonly #parsers = new Parsers((sentence) => this.#send?.({ kind: 'note', sentence }));
  #send: ((part: ScanPart) => void) | undefined;
  #isPaused = false;
  #unstored = 0;
  #wake: (() => void)[] = [];

  onNotice({ kind }: IndexerProtocol['toChild']): void {
    if (kind === 'stored') this.#unstored--;
    else this.#isPaused = kind === 'pause';
    if (this.#isReady()) for (const wake of this.#wake.splice(0)) wake();
  }

  async scan(request: ScanRequest, { signal, send }: ChildCall<ScanPart>): Promise<undefined> {
    this.#send = send;
    this.#unstored = 0;
    await scan(request, {
      ignore: createIgnore({ ownFolders: request.ownFolders }),
      parsers: this.#parsers,
      ready: async () => {
        while (!this.#isReady()) await new Promise<void>((resolve) => this.#wake.push(resolve));
        throwIfCancelled(signal);
      },
      send: (part) => {
        if (part.kind === 'file' || part.kind === 'touched') this.#unstored++;
        send(part);
      },
    });
  }

  faults(request: SyntaxRequest): Promise<SyntaxFaults[] | undefined> {
    return faultsIn(request, this.#parsers);
  }

  outline(request: OutlineRequest): Promise<Declaration[] | undefined> {
    return outlineOf(request, this.#parsers);
  }

  #isReady(): boolean {
    return !this.#isPaused && this.#unstored < maxUnstored;
  }
}

try {
  setPriority(constants.priority.PRIORITY_LOW);
} catch {
  // Not every system lets it; then it runs like any other process.
}
const host = new Host();
serveParent<IndexerProtocol>({
  answers: {
    scan: (request, call) => host.scan(request, call),
    faults: (request) => host.faults(request),
    outline: (request) => host.outline(request),
  },
  onNotice: (notice) => host.onNotice(notice),
});
