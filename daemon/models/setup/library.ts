// The models folder as a library: what is imported into it, what is deleted from it and can come back for a while, and each file's license.
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { moveFile } from '../../base/disk.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import { isInside } from '../../base/paths.ts';
import { requireSpace } from '../inference/download.ts';
import { isLaterPart, isProjectorName, modelNameOf, partsOf } from '../inference/gguf/parts.ts';
import { ownProjectorName, projectorOf, soleProjectorOf } from '../seeing/projector.ts';

export interface DeletedModel {
  id: string;
  model: string;
  bytes: number;
  deletedAt: number;
  /** When it is gone for good. */
  goneAt: number;
}

/** How long a deleted model can be brought back, as deleted chats can. */
const deletedKeptMs = 24 * 60 * 60 * 1000;
const maxImported = 500;
const maxDepth = 4;

export interface LibraryDeps {
  /** The models folder. */
  folder: string;
  now?: () => number;
}

/** Lives as long as the daemon. */
export class ModelLibrary implements Disposable {
  readonly #folder: string;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ folder, now = Date.now }: LibraryDeps) {
    this.#folder = folder;
    this.#now = now;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  /** Whether the file is Switchyard's own. */
  owns(path: string): boolean {
    return isInside(path, this.#folder);
  }

  /** Copies a model with all its parts, and what lets it see, into the folder; the path of the copy. */
  async copy(path: string, signal: AbortSignal): Promise<string> {
    const work = join(this.#folder, `.import-${randomUUID()}`);
    await mkdir(work, { recursive: true, mode: 0o700 });
    try {
      const projector = await projectorOf(path, {});
      const parts = [...partsOf(path), ...(projector === undefined ? [] : [projector])];
      const nameOf = (part: string): string =>
        part === projector ? ownProjectorName(basename(path), basename(part)) : basename(part);
      const sizes = await Promise.all(parts.map(async (part) => (await stat(part)).size));
      requireSpace(
        this.#folder,
        sizes.reduce((sum, size) => sum + size, 0),
      );
      for (const part of parts) {
        await this.#requireFree(nameOf(part));
        await pipeline(createReadStream(part), createWriteStream(join(work, nameOf(part))), { signal });
      }
      for (const part of parts.toReversed()) await moveFile(join(work, nameOf(part)), join(this.#folder, nameOf(part)));
      return join(this.#folder, basename(path));
    } catch (error) {
      if (signal.aborted) throw new CancelledError();
      throw error;
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  /** Moves a model's files to the trash; its id there. */
  async delete(path: string): Promise<string> {
    const id = randomUUID();
    const place = this.#trashOf(id);
    await mkdir(place, { recursive: true, mode: 0o700 });
    const projector = await soleProjectorOf(path);
    const parts = await existing([...partsOf(path), ...(projector === undefined ? [] : [projector])]);
    const license = (await this.licenses())[basename(path)];
    const record: TrashRecord = { name: modelNameOf(path), deletedAt: this.#now(), ...(license && { license }) };
    await writeFile(join(place, recordFile), JSON.stringify(record), { mode: 0o600 });
    for (const part of parts) await moveFile(part, join(place, basename(part))); // the first part first: without it nothing is offered
    await this.noteLicense(basename(path), undefined);
    this.#purgeLater();
    return id;
  }

  /** The last deleted first. */
  async deleted(): Promise<DeletedModel[]> {
    await this.purgeExpired();
    const all = await Promise.all((await namesIn(this.#trash)).map((id) => this.#describe(id)));
    return all.filter((model) => model !== undefined).toSorted((a, b) => b.deletedAt - a.deletedAt);
  }

  /** Brings a model back; the path of its first file. Throws UserError. */
  async restore(id: string): Promise<string> {
    const place = this.#trashOf(id);
    const files = isId(id) ? (await namesIn(place)).filter((name) => name !== recordFile).toSorted() : [];
    const first = files.find((name) => !isProjectorName(name));
    if (first === undefined)
      throw new UserError(
        'model-not-found',
        "That model can't be restored. It was permanently deleted, or never deleted.",
      );
    for (const name of files) await this.#requireFree(name);
    for (const name of files.toReversed()) await moveFile(join(place, name), join(this.#folder, name));
    await this.noteLicense(first, (await readTrashRecord(place))?.license);
    await rm(place, { recursive: true, force: true });
    return join(this.#folder, first);
  }

  /** Deletes one for good, or all of them; how many bytes that freed. */
  async purge(id?: string): Promise<number> {
    const ids = id === undefined ? await namesIn(this.#trash) : isId(id) ? [id] : [];
    let freed = 0;
    for (const each of ids) {
      freed += (await this.#describe(each))?.bytes ?? 0;
      await rm(this.#trashOf(each), { recursive: true, force: true });
    }
    return freed;
  }

  /** Deletes for good what has been in the trash for long enough, now and whenever that comes. */
  async purgeExpired(): Promise<void> {
    for (const id of await namesIn(this.#trash)) {
      const record = await this.#describe(id);
      if (!record || record.goneAt > this.#now()) continue;
      await rm(this.#trashOf(id), { recursive: true, force: true }).catch(() => {}); // what is in use goes another time
    }
    this.#purgeLater();
  }

  /** Notes the license of a model's file, by its SPDX name, or that it is not known. */
  async noteLicense(file: string, license: string | undefined): Promise<void> {
    const { [file]: before, ...others } = await this.licenses();
    if (license === before) return;
    const licenses = { ...others, ...(license !== undefined && { [file]: license }) };
    await writeFile(this.#licensesFile, JSON.stringify(licenses, null, 2), { mode: 0o600 });
  }

  /** By the names of files. */
  async licenses(): Promise<Record<string, string>> {
    try {
      return z.record(z.string(), z.string()).parse(JSON.parse(await readFile(this.#licensesFile, 'utf8')));
    } catch {
      return {}; // none yet; what is lost of it is only told to people
    }
  }

  get #licensesFile(): string {
    return join(this.#folder, '.licenses.json');
  }

  #purgeLater(): void {
    clearTimeout(this.#timer);
    void namesIn(this.#trash).then((ids) => {
      clearTimeout(this.#timer);
      if (ids.length > 0) this.#timer = setTimeout(() => void this.purgeExpired(), deletedKeptMs / 24).unref();
    });
  }

  get #trash(): string {
    return join(this.#folder, '.trash');
  }

  #trashOf(id: string): string {
    return join(this.#trash, id);
  }

  async #describe(id: string): Promise<DeletedModel | undefined> {
    const place = this.#trashOf(id);
    const record = await readTrashRecord(place);
    if (!record) return undefined;
    const found = (await namesIn(place)).map((name) => stat(join(place, name)).catch(() => undefined)); // it may be purged now
    const bytes = (await Promise.all(found)).reduce((sum, file) => sum + (file?.size ?? 0), 0);
    const { name, deletedAt } = record;
    return { id, model: `local/${name}`, bytes, deletedAt, goneAt: deletedAt + deletedKeptMs };
  }

  async #requireFree(name: string): Promise<void> {
    if ((await existing([join(this.#folder, name)])).length > 0)
      throw new UserError(
        'name-taken',
        `The models folder has another file named ${name}. Delete or rename that one, then try again.`,
      );
  }
}

/** The models of a file or a folder, without later parts. Throws UserError where there are none or too many. */
export async function modelsAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() && isProjectorName(path))
    throw new UserError(
      'no-model',
      `${basename(path)} lets another model see pictures, and isn't a model by itself. Add that model; this file is found beside it.`,
    );
  if (found?.isFile()) return [isLaterPart(path) ? firstPartOf(path) : path];
  if (!found?.isDirectory()) throw new UserError('no-such-file', `Couldn't find the file ${path}.`);
  const files = await filesUnder(path, maxDepth);
  if (files.length === 0) throw new UserError('no-gguf', `There's no GGUF file in ${path}. Choose another folder.`);
  if (files.length > maxImported)
    throw new UserError('too-many-files', `${path} holds more than ${maxImported} models. Choose a smaller folder.`);
  return files;
}

async function filesUnder(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 0 && !entry.name.startsWith('.'))
      files.push(...(await filesUnder(path, depth - 1)));
    else if (/\.gguf$/i.test(entry.name) && !isLaterPart(path) && !isProjectorName(path)) files.push(path);
    if (files.length > maxImported) break;
  }
  return files;
}

function firstPartOf(path: string): string {
  return join(dirname(path), basename(path).replace(/-\d{5}(-of-\d{5}\.gguf)$/i, '-00001$1'));
}

const TrashRecord = z.object({ name: z.string(), deletedAt: z.number(), license: z.string().optional() });
type TrashRecord = z.infer<typeof TrashRecord>;

const recordFile = 'deleted.json';

async function readTrashRecord(place: string): Promise<TrashRecord | undefined> {
  try {
    return TrashRecord.parse(JSON.parse(await readFile(join(place, recordFile), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Ids come from clients, and must not lead out of the trash. */
function isId(id: string): boolean {
  return /^[0-9a-f-]{36}$/.test(id);
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []); // no folder yet means nothing in it
}

async function existing(paths: string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(async (path) => (await stat(path).catch(() => undefined)) && path));
  return found.filter((path) => path !== undefined);
}
