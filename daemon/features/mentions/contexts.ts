// What questions mention, looked up for the session that asks: its profile's index, its folders, its open documents.
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CodeIndex, OpenRoot } from '../../code-index/code-index.ts';
import type { CodeStore } from '../../code-index/indexed-root.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import type { SessionView } from '../../sessions/session-view.ts';
import type { Code } from '../../storage/code.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Find } from '../search/search.ts';
import { type Context, gather } from './gather.ts';
import { mentionsOf } from './mentions.ts';
import { createSources } from './sources.ts';
import { type Suggestion, type SuggestQuery, suggest } from './suggest.ts';

export interface ContextsDeps {
  storage: Pick<Storage, 'in'>;
  index: CodeIndex;
  ignore: Ignore;
  find: Find;
  diff(root: string, signal: AbortSignal): Promise<string>;
  /** What is wrong in a profile's documents, a line each. */
  problems(profile: string): string[];
}

/** Lives as long as the daemon. */
export class Contexts {
  readonly #parts: ContextsDeps;
  readonly #open = new WeakMap<SessionView, { profile: string; roots: OpenRoot[] }>();

  constructor(parts: ContextsDeps) {
    this.#parts = parts;
  }

  /** Indexes the session's folders for a profile, until it leaves or works in another. */
  follow(asker: SessionView, profile: string): void {
    if (!asker.isIndexed) return;
    const known = this.#open.get(asker);
    if (known?.profile === profile) return;
    for (const root of known?.roots ?? []) root[Symbol.dispose]();
    const roots = asker.roots
      .filter((root) => root.startsWith('file:'))
      .map((root) =>
        this.#parts.index.open(fileURLToPath(root), codeStoreOf(this.#parts.storage.in(profile).code), profile),
      );
    this.#open.set(asker, { profile, roots });
    if (!known) asker.onClose(() => this.#open.get(asker)?.roots.forEach((root) => void root[Symbol.dispose]()));
  }

  async gather(
    { text, attached }: { text: string; attached: readonly { kind: string }[] },
    { asker, profile, signal }: { asker: SessionView; profile: string; signal: AbortSignal },
  ): Promise<Context> {
    const mentions = mentionsOf(text);
    if (mentions.length === 0) return { attachments: [], notes: [] };
    this.follow(asker, profile);
    // A command in a terminal comes once, and had better wait than miss what is not indexed yet.
    const needsIndex = mentions.some(({ kind }) => kind === 'codebase' || kind === 'symbol');
    if (needsIndex && !asker.isEditor) await this.#refreshed(asker, { profile, signal });
    return gather({ text, roots: asker.roots, attached }, this.#sourcesOf(asker, profile), signal);
  }

  suggest(query: SuggestQuery, { asker, profile }: { asker: SessionView; profile: string }): Promise<Suggestion[]> {
    this.follow(asker, profile);
    return suggest(query, { roots: asker.roots, code: this.#parts.storage.in(profile).code });
  }

  /** What limits what can be found in the session's folders: a sentence for the user. */
  async note({ asker, profile }: { asker: SessionView; profile: string }): Promise<string | undefined> {
    const sources = this.#sourcesOf(asker, profile);
    const notes = await Promise.all(
      asker.roots.filter((root) => root.startsWith('file:')).map((root) => sources.indexNote(root)),
    );
    return notes.find((note) => note !== undefined);
  }

  /** Waits for the index as long as the question does. What fails is told by the index's own note. */
  async #refreshed(asker: SessionView, { profile, signal }: { profile: string; signal: AbortSignal }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    const scans = this.#open.get(asker)?.roots.map(({ root }) => this.#parts.index.refresh(root, profile)) ?? [];
    await Promise.race([promise, Promise.allSettled(scans)]);
  }

  #sourcesOf(asker: SessionView, profile: string) {
    const { storage: memory, index, ignore, find, diff, problems } = this.#parts;
    const { code } = memory.in(profile);
    return createSources({
      code,
      profile,
      find,
      ignore,
      diff,
      problems: () => problems(profile),
      document: (uri) => asker.document(uri)?.getText(),
      status: (root) => index.status(fileURLToPath(root), profile),
      whyOff: () => whyOff(index, asker),
    });
  }
}

function whyOff({ isEnabled }: CodeIndex, { isIndexed }: SessionView): string {
  if (!isEnabled) return 'the index is switched off in config.json ("index": { "enabled": true } switches it on)';
  if (!isIndexed)
    return 'the index is switched off in the settings of this editor (in VS Code, `switchyard.index.enabled` switches it on)';
  return 'it is not open in an editor that trusts it';
}

/** The index knows folders by their paths, storage by URIs. */
export function codeStoreOf(code: Code): CodeStore {
  const uri = (root: string): string => pathToFileURL(root).href;
  return {
    files: (root) => code.files(uri(root)),
    put: (root, file) => code.put(uri(root), file),
    touch: (root, file) => code.touch(uri(root), file),
    remove: (root, paths) => code.remove(uri(root), paths),
    counts: (root) => code.counts(uri(root)),
  };
}
