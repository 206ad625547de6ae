// Downloads of whole models, part after part, each in a folder of its own beside the models: what is paused goes on where it was, also after a restart.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { moveFile } from '../../base/disk.ts';
import type { Fetch } from '../../base/egress.ts';
import { UserError } from '../../base/errors.ts';
import { downloadModel, hashFile, requireSpace } from '../inference/download.ts';
import type { DownloadPlan, PlannedFile } from './hub.ts';
import { TransferRate } from './transfer-rate.ts';

export interface PullProgress {
  received: number;
  total?: number;
  secondsLeft?: number;
  /** What the user should know, told once. */
  note?: string;
}

export interface PullWatch {
  signal: AbortSignal;
  onProgress(progress: PullProgress): void;
}

/** One that runs, or was paused. */
export interface ListedDownload {
  /** What was asked for. */
  model: string;
  received: number;
  total?: number;
  isRunning: boolean;
}

/** What a download is, as it is kept beside what was received. */
interface DownloadRecord extends DownloadPlan {
  model: string;
}

export interface DownloadsDeps {
  /** The models folder. */
  folder: string;
  fetch: Fetch;
  now?: () => number;
}

const recordFile = 'download.json';
const minProgressMs = 100;

/** Lives as long as the daemon. */
export class Downloads {
  readonly #deps: DownloadsDeps;
  readonly #running = new Map<string, PullProgress>();

  constructor(deps: DownloadsDeps) {
    this.#deps = deps;
  }

  /** Does something for a model that must not be done twice at a time. */
  async once<Result>(model: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#running.has(model))
      throw new UserError(
        'download-running',
        `${model} is already being downloaded. Wait for it, or cancel that download.`,
      );
    this.#running.set(model, { received: 0 });
    try {
      return await work();
    } finally {
      this.#running.delete(model);
    }
  }

  /** Downloads all files of a plan; the path of the first. Throws UserError, InferenceError, or CancelledError. */
  async get(model: string, plan: DownloadPlan, watch: PullWatch): Promise<string> {
    const { folder } = this.#deps;
    const [first] = plan.files;
    if (!first) throw new UserError('no-gguf', `${model} has no GGUF files. Choose another model.`);
    const here = await this.#filesHere(plan.files);
    const path = join(folder, first.name);
    if (here.length === plan.files.length) return path;
    const staging = this.#stagingOf(model);
    await this.#prepare(staging, { model, ...plan });
    const missing = plan.files.filter((file) => !here.includes(file));
    await this.#getAll(missing, staging, { ...watch, onProgress: this.#teller(model, watch) });
    for (const { name } of missing.toReversed()) await moveFile(join(staging, name), join(folder, name)); // a model is there when its first part is
    await rm(staging, { recursive: true, force: true });
    return path;
  }

  async list(): Promise<ListedDownload[]> {
    const folders = await readdir(this.#staging).catch(() => []);
    const described = await Promise.all(folders.map((folder) => this.#describe(join(this.#staging, folder))));
    const kept = described.filter((download) => download !== undefined);
    const others = [...this.#running].filter(([model]) => !kept.some((download) => download.model === model));
    return [
      ...kept,
      ...others.map(([model, { received, total }]) => listed(model, { received, total, isRunning: true })),
    ];
  }

  /** Removes what a paused download has received. */
  async discard(model: string): Promise<void> {
    if (this.#running.has(model))
      throw new UserError('download-running', `${model} is being downloaded. Cancel that download first.`);
    if ((await stat(this.#stagingOf(model)).catch(() => undefined)) === undefined)
      throw new UserError(
        'no-such-download',
        `No download of ${model} is paused. To list downloads, run \`switchyard models downloads\`.`,
      );
    await this.forget(model);
  }

  /** Removes what was received, if anything was. */
  async forget(model: string): Promise<void> {
    await rm(this.#stagingOf(model), { recursive: true, force: true });
  }

  get #staging(): string {
    return join(this.#deps.folder, '.downloads');
  }

  #stagingOf(model: string): string {
    return join(this.#staging, createHash('sha256').update(model).digest('hex').slice(0, 16));
  }

  /** Which files are in the models folder already. Throws UserError where another one has such a name. */
  async #filesHere(files: PlannedFile[]): Promise<PlannedFile[]> {
    const here: PlannedFile[] = [];
    for (const file of files) {
      const path = join(this.#deps.folder, file.name);
      const size = (await stat(path).catch(() => undefined))?.size;
      if (size === undefined) continue;
      const { sizeBytes = size, sha256 } = file;
      const isSame = size === sizeBytes && (sha256 === undefined || (await hashFile(path)) === sha256.toLowerCase());
      if (!isSame)
        throw new UserError(
          'name-taken',
          `The models folder has another file named ${file.name}. Delete or rename that one, then download again.`,
        );
      here.push(file);
    }
    return here;
  }

  /** Keeps what an earlier attempt received, unless the files have changed since. */
  async #prepare(staging: string, record: DownloadRecord): Promise<void> {
    const before = await readRecord(staging);
    const isSame = JSON.stringify(before?.files.map(identityOf)) === JSON.stringify(record.files.map(identityOf));
    if (before && !isSame) await rm(staging, { recursive: true, force: true });
    await mkdir(staging, { recursive: true, mode: 0o700 });
    await writeFile(join(staging, recordFile), JSON.stringify(record), { mode: 0o600 });
  }

  async #getAll(files: PlannedFile[], staging: string, { signal, onProgress }: PullWatch): Promise<void> {
    const total = totalOf(files);
    if (total !== undefined) requireSpace(staging, total - (await receivedIn(staging, files)));
    let done = 0;
    for (const { url, name, sizeBytes, sha256 } of files) {
      let received = 0;
      const path = await downloadModel({
        url,
        name,
        folder: staging,
        fetch: this.#deps.fetch,
        signal,
        onBytes(bytes, fileBytes) {
          received = bytes;
          const all = total ?? (files.length === 1 ? fileBytes : undefined);
          onProgress({ received: done + bytes, ...(all !== undefined && { total: all }) });
        },
        onRestart: (note) => onProgress({ received: done, note }),
        ...(sizeBytes !== undefined && { sizeBytes }),
        ...(sha256 !== undefined && { sha256 }),
      });
      done += (await stat(path)).size || received;
    }
  }

  /** Tells of progress a few times a second, with the time that is left. */
  #teller(model: string, { onProgress }: PullWatch): (progress: PullProgress) => void {
    const { now = () => performance.now() } = this.#deps;
    const rate = new TransferRate(now);
    let toldMs = Number.NEGATIVE_INFINITY;
    return ({ received, total, note }) => {
      if (note !== undefined) return onProgress({ received, note });
      rate.add(received);
      if (now() - toldMs < minProgressMs && received !== total) return;
      toldMs = now();
      const secondsLeft = total === undefined ? undefined : rate.secondsFor(total - received);
      const progress = {
        received,
        ...(total !== undefined && { total }),
        ...(secondsLeft !== undefined && { secondsLeft }),
      };
      this.#running.set(model, progress);
      onProgress(progress);
    };
  }

  async #describe(staging: string): Promise<ListedDownload | undefined> {
    const record = await readRecord(staging);
    if (!record) return undefined;
    const running = this.#running.get(record.model);
    const received = running?.received || (await receivedIn(staging, record.files));
    const total = running?.total ?? totalOf(record.files);
    return listed(record.model, { received, total, isRunning: running !== undefined });
  }
}

function listed(
  model: string,
  { received, total, isRunning }: { received: number; total: number | undefined; isRunning: boolean },
): ListedDownload {
  return { model, received, ...(total !== undefined && { total }), isRunning };
}

/** Another commit of the hub may hold the same file. */
function identityOf({ url, name, sizeBytes, sha256 }: PlannedFile): unknown[] {
  return [name, sizeBytes, sha256 ?? url];
}

function totalOf(files: PlannedFile[]): number | undefined {
  const sizes = files.map(({ sizeBytes }) => sizeBytes);
  return sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
}

async function receivedIn(staging: string, files: PlannedFile[]): Promise<number> {
  const sizes = files.map(async ({ name }) => {
    const found = await stat(join(staging, name)).catch(() =>
      stat(join(staging, `${name}.part`)).catch(() => undefined),
    );
    return found?.size ?? 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function readRecord(staging: string): Promise<DownloadRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(join(staging, recordFile), 'utf8')) as Partial<DownloadRecord>;
    return typeof record.model === 'string' && Array.isArray(record.files) ? (record as DownloadRecord) : undefined;
  } catch {
    return undefined; // of a daemon that was killed while it wrote it: the download begins anew
  }
}
