// Trust: the one place that decides whether a folder's own tools, interpreters and configuration may be used, for every client.
// An editor that says whether its window is trusted decides for the folders of that window. For everything else the user decides, once
// a folder; what they said is kept in our data folder, never in the folder itself.
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { moveFileSync } from '../base/disk.ts';
import { errnoCode, UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { isInside, shellWord } from '../base/paths.ts';
import { repositoryOf } from '../base/process/repository.ts';
import { toPath } from '../base/uri.ts';
import type { SessionView } from './session-view.ts';

/** A folder as a URI, and what was said of it. */
interface FolderTrust {
  root: string;
  trusted: boolean;
}

const TrustFile = z.object({ folders: z.record(z.string(), z.boolean()) });

/** Lives as long as the daemon. */
export class Trust {
  readonly #file: string;
  readonly #log: Log;
  /** The folders that an editor was told of. */
  readonly #told = new WeakMap<object, Set<string>>();

  constructor({ dataDir, log }: { dataDir: string; log: Log }) {
    this.#file = join(dataDir, 'trust.json');
    this.#log = log;
  }

  /** Whether a file (a path) lies where tools and configuration of the project may be used. A link is what it leads to as well. */
  async trusts(session: Pick<SessionView, 'roots' | 'options'>, file: string): Promise<boolean> {
    const places = new Set([await realPlace(file), join(await realPlace(dirname(file)), basename(file))]);
    const roots = await Promise.all(
      session.roots.flatMap((root) => {
        const path = toPath(root);
        return path === undefined ? [] : [realPlace(path)];
      }),
    );
    const { workspaceTrusted } = session.options;
    const isTrusted = (place: string): boolean =>
      workspaceTrusted !== undefined && roots.some((root) => isInside(place, root))
        ? workspaceTrusted
        : (nearest(this.#read(), place) ?? false);
    return [...places].every(isTrusted);
  }

  /** Says to an editor that does not speak of trust how a file's folder is trusted; once for each folder. */
  async hint(session: Pick<SessionView, 'roots' | 'options' | 'isEditor'>, file: string): Promise<string | undefined> {
    if (!session.isEditor || session.options.workspaceTrusted !== undefined) return undefined;
    if (await this.trusts(session, file)) return undefined;
    const { root, trusted } = await this.about(pathToFileURL(file).href, session.roots);
    const told = this.#told.get(session) ?? new Set();
    this.#told.set(session, told);
    if (trusted !== undefined || told.has(root)) return undefined;
    told.add(root);
    return `Switchyard: ${pathOf(root)} isn't trusted yet, so its own linters and their configuration aren't used. To trust it, run \`switchyard trust ${shellWord(pathOf(root))}\`.`;
  }

  list(): FolderTrust[] {
    return [...this.#read()].map(([path, trusted]) => ({ root: pathToFileURL(path).href, trusted }));
  }

  /** Which folder a user would be asked about for the sake of a file or folder, and what they said of it. */
  async about(uri: string, roots: readonly string[]): Promise<{ root: string; trusted?: boolean }> {
    const path = await realPlace(pathOf(uri));
    const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path);
    const paths = await Promise.all(roots.flatMap((root) => toPath(root) ?? []).map(realPlace));
    const root = repositoryOf(paths.find((one) => isInside(folder, one)) ?? folder);
    const trusted = nearest(this.#read(), folder);
    return { root: pathToFileURL(root).href, ...(trusted !== undefined && { trusted }) };
  }

  /** Throws UserError where the folder does not exist, or the answer cannot be stored. Of one that is gone, trust can be taken back. */
  async set(root: string, trusted: boolean): Promise<FolderTrust> {
    const path = await realPlace(pathOf(root));
    const folders = this.#read();
    const isKnown = !trusted && folders.has(path);
    if (!isKnown && !statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new UserError('no-folder', `Couldn't find the folder ${path}.`);
    folders.set(path, trusted);
    const draft = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(draft, JSON.stringify({ folders: Object.fromEntries(folders) }, null, 2), { mode: 0o600 });
      chmodSync(draft, 0o600); // it may be left from a crash
      moveFileSync(draft, this.#file);
    } catch (error) {
      throw new UserError('trust-not-stored', `Couldn't write ${this.#file} (${errnoCode(error) ?? String(error)}).`);
    }
    return { root: pathToFileURL(path).href, trusted };
  }

  /** Read each time, since a daemon beside this one may have written it. A file that cannot be read trusts nothing. */
  #read(): Map<string, boolean> {
    try {
      return new Map(Object.entries(TrustFile.parse(JSON.parse(readFileSync(this.#file, 'utf8'))).folders));
    } catch (error) {
      if (errnoCode(error) !== 'ENOENT')
        this.#log.warn({ error: String(error) }, "the list of trusted folders can't be read");
      return new Map();
    }
  }
}

/** What was said of the nearest folder at or above a place. */
function nearest(folders: ReadonlyMap<string, boolean>, place: string): boolean | undefined {
  for (let folder = place; ; folder = dirname(folder)) {
    const said = folders.get(folder);
    if (said !== undefined || folder === dirname(folder)) return said;
  }
}

/** Where a path leads. Of what does not exist, the folder above says where it would be. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(await realPlace(above), basename(path));
  }
}

function pathOf(uri: string): string {
  const path = toPath(uri);
  if (path === undefined) throw new UserError('no-folder', `${uri} isn't a folder on this machine.`);
  return path;
}
