// Looks up what a question mentions for the session that asks: in its profile's index, its folders and its open
// documents.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { throwIfCancelled, UserError } from '../../base/errors.ts';
import { LinkedAbort } from '../../base/listeners.ts';
import type { CodeIndex, OpenRoot } from '../../code-index/code-index.ts';
import type { CodeStore } from '../../code-index/indexed-root.ts';
import { picturesUnder } from '../../code-index/walk.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import type { Reranker } from '../../models/embedding/reranker.ts';
import type { SessionView } from '../../sessions/session-view.ts';
import type { Code } from '../../storage/code.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Find } from '../search/search.ts';
import type { Settled } from '../search/settled.ts';
import { fileNamed, gather, gatherCode, type MentionContext } from './gather.ts';
import { mentionsOf, withoutMentions } from './mentions.ts';
import { createSources, type SourcesDeps } from './sources.ts';
import { type Suggestion, type SuggestQuery, suggest } from './suggest.ts';

export interface ContextsDeps {
  storage: Pick<Storage, 'in'>;
  index: CodeIndex;
  ignore: Ignore;
  find: Find;
  settled: Settled;
  reranker: Reranker;
  /** Reads the text of pictures. */
  recognition: { read: SourcesDeps['recognize'] };
  diff(root: string, signal: AbortSignal): Promise<string>;
  /** The problems in a profile's documents, a line each. */
  problems(profile: string): string[];
}

interface Asking {
  session: SessionView;
  profile: string;
  signal: AbortSignal;
}

const maxIndexWaitMs = 20_000; // an agent gives up after a minute
const stillIndexing = "Some of the code can't be found yet. Search again in a moment.";

/** Lives as long as the daemon. */
export class Contexts {
  readonly #deps: ContextsDeps;
  readonly #open = new WeakMap<SessionView, { profile: string; folders: SessionView['roots']; roots: OpenRoot[] }>();

  constructor(deps: ContextsDeps) {
    this.#deps = deps;
  }

  /** Indexes the session's folders for a profile, until the session closes, or changes its profile or its folders. */
  follow(session: SessionView, profile: string): void {
    if (!session.isIndexed) return;
    const known = this.#open.get(session);
    if (known?.profile === profile && known.folders === session.roots) return;
    for (const root of known?.roots ?? []) root[Symbol.dispose]();
    const roots = localRoots(session).map((root) =>
      this.#deps.index.open(fileURLToPath(root), codeStoreOf(this.#deps.storage.in(profile).code), profile),
    );
    this.#open.set(session, { profile, folders: session.roots, roots });
    if (!known) session.onClose(() => this.#open.get(session)?.roots.forEach((root) => void root[Symbol.dispose]()));
  }

  /** Throws UserError `no-question` for a text of mentions alone: there is nothing to ask a model. */
  async gather(
    { text, attached }: { text: string; attached: readonly { kind: string }[] },
    { session, profile, signal }: Asking,
  ): Promise<MentionContext> {
    const mentions = mentionsOf(text);
    const [first] = mentions;
    if (!first) return { attachments: [], notes: [] };
    if (withoutMentions(text) === '') throw new UserError('no-question', `Add a question after @${first.kind}.`);
    this.follow(session, profile);
    // A command in a terminal asks once, so it waits for the index rather than miss what is not indexed yet.
    const needsIndex = mentions.some(({ kind }) => kind === 'codebase' || kind === 'symbol');
    if (needsIndex && !session.isEditor) await this.#refreshed({ session, profile, signal });
    return gather({ text, roots: session.roots, attached }, this.#sourcesOf(session, profile), signal);
  }

  /** Code of the session's folders that bears on a query, without a mention: for tools. Waits some time for the index. */
  async code(query: string, { session, profile, signal }: Asking): Promise<MentionContext> {
    this.follow(session, profile);
    const sources = this.#sourcesOf(session, profile);
    const isCurrent = await this.#refreshedInTime({ session, profile, signal });
    const context: MentionContext = { attachments: [], notes: isCurrent ? [] : [stillIndexing] };
    for (const root of localRoots(session)) await gatherCode(query, { root, sources, context, signal });
    return context;
  }

  /** A text file of the session's folders, as its user sees it; see `fileNamed`. */
  file(name: string, { session, profile }: Omit<Asking, 'signal'>): Promise<{ uri: string; text: string } | undefined> {
    return fileNamed(name, localRoots(session), this.#sourcesOf(session, profile));
  }

  suggest(query: SuggestQuery, { session, profile }: { session: SessionView; profile: string }): Promise<Suggestion[]> {
    this.follow(session, profile);
    const { storage, ignore } = this.#deps;
    return suggest(query, {
      roots: session.roots,
      code: storage.in(profile).code,
      pictures: (root) => picturesUnder({ root: fileURLToPath(root), ignore }),
    });
  }

  /** A sentence for the user about what limits the search in the session's folders; undefined when nothing does. */
  async note({ session, profile }: { session: SessionView; profile: string }): Promise<string | undefined> {
    const sources = this.#sourcesOf(session, profile);
    const notes = await Promise.all(localRoots(session).map((root) => sources.indexNote(root)));
    return notes.find((note) => note !== undefined);
  }

  /** Waits for the index until the question is cancelled. A failure shows up in the index's own note. False where not all can be found yet. */
  async #refreshed({ session, profile, signal }: Asking): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = (): void => resolve();
    signal.addEventListener('abort', stop, { once: true });
    const scans = this.#open.get(session)?.roots.map(({ root }) => this.#deps.index.refresh(root, profile)) ?? [];
    await Promise.race([promise, Promise.allSettled(scans)]);
    signal.removeEventListener('abort', stop);
    return this.#deps.settled(signal);
  }

  async #refreshedInTime({ signal, ...asking }: Asking): Promise<boolean> {
    using limit = new LinkedAbort([signal], maxIndexWaitMs);
    const isCurrent = await this.#refreshed({ ...asking, signal: limit.signal });
    throwIfCancelled(signal);
    return isCurrent;
  }

  #sourcesOf(session: SessionView, profile: string) {
    const { storage, index, ignore, find, reranker, recognition, diff, problems } = this.#deps;
    const { code } = storage.in(profile);
    return createSources({
      code,
      profile,
      find,
      reranker,
      ignore,
      recognize: (picture, signal) => recognition.read(picture, signal),
      diff,
      problems: () => problems(profile),
      document: (uri) => session.document(uri)?.getText(),
      status: (root) => index.status(fileURLToPath(root), profile),
      whyOff: () => whyOff(index, session),
    });
  }
}

function localRoots({ roots }: SessionView): string[] {
  return roots.filter((root) => root.startsWith('file:'));
}

function whyOff({ isEnabled }: CodeIndex, { isIndexed, options }: SessionView): string {
  if (!isEnabled) return 'the index is turned off in config.json (to turn it on, set "index": { "enabled": true })';
  if (options.workspaceTrusted === false) return "the folder isn't trusted in this editor";
  if (!isIndexed)
    return "the index is turned off in this editor's settings (in VS Code, turn on `switchyard.index.enabled`)";
  return "it isn't open in an editor";
}

/** The index identifies folders by path, storage by URI. */
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
