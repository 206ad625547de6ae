// A folder in which the agent's steps are played by plain functions, and what is in it, read by a walk of the test's own.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '../../../../../daemon/base/errors.ts';
import {
  type Checkpoints,
  type CheckpointsDeps,
  createCheckpoints,
  type KeepRequest,
  type UndoRequest,
} from '../../../../../daemon/features/agent/checkpoints/checkpoints.ts';
import type { JobState } from '../../../../../daemon/storage/jobs.ts';
import { silentLog } from '../../../storage/open-storage.ts';

/** What a step does to the folder. */
export type Effect = (folder: Folder) => unknown;

/** Lives as long as a test. */
export class Folder implements Disposable {
  readonly #home = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-checkpoints-')));
  /** The folder that runs work in, which may be a part of a repository. */
  root = join(this.#home, 'project');
  /** Where checkpoints are kept. */
  readonly data = join(this.#home, 'data', 'checkpoints');
  /** How runs stand; one that is not here is unknown. */
  readonly states = new Map<string, JobState>([['run', 'done']]);
  checkpoints: Checkpoints;
  readonly #deps: CheckpointsDeps;
  #steps = 0;

  constructor(deps: Partial<CheckpointsDeps> = {}) {
    mkdirSync(this.root);
    this.#deps = {
      folder: this.data,
      jobs: () => ({
        stateOf: async (_profile, jobId) => {
          const state = this.states.get(jobId);
          if (state === undefined) throw new UserError('job-not-found', 'There is no such job.');
          return state;
        },
      }),
      log: silentLog,
      ...deps,
    };
    this.checkpoints = createCheckpoints(this.#deps);
  }

  /** As after a restart of the daemon. */
  restart(): void {
    this.checkpoints = createCheckpoints(this.#deps);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  write(name: string, content: string | Buffer, mode?: number): this {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    if (mode !== undefined) chmodSync(this.path(name), mode);
    return this;
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  link(name: string, target: string): this {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    symlinkSync(target, this.path(name));
    return this;
  }

  remove(name: string): this {
    rmSync(this.path(name), { recursive: true });
    return this;
  }

  rename(from: string, to: string): this {
    mkdirSync(dirname(this.path(to)), { recursive: true });
    renameSync(this.path(from), this.path(to));
    return this;
  }

  mode(name: string, mode: number): this {
    chmodSync(this.path(name), mode);
    return this;
  }

  folder(name: string): this {
    mkdirSync(this.path(name), { recursive: true });
    return this;
  }

  git(...args: string[]): this {
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
    execFileSync('git', [...identity, '-C', this.root, ...args], { stdio: 'ignore' });
    return this;
  }

  /** A step of the run, with the checkpoints around it. */
  async step(
    effect: Effect,
    { jobId = 'run', paths = [] }: { jobId?: string; paths?: string[] } = {},
  ): Promise<number> {
    const run = { profile: 'p', jobId, root: this.root };
    const number = ++this.#steps;
    await this.checkpoints.before(run, number, paths);
    effect(this);
    await this.checkpoints.after(run, number);
    return number;
  }

  undo(step?: number, jobId = 'run', more: Pick<UndoRequest, 'uri' | 'hunks' | 'openTexts'> = {}) {
    return this.checkpoints.undo({ profile: 'p', jobId }, { ...more, step });
  }

  keep(what: KeepRequest = {}, jobId = 'run') {
    return this.checkpoints.keep({ profile: 'p', jobId }, what);
  }

  hunks(jobId = 'run') {
    return this.checkpoints.hunks({ profile: 'p', jobId });
  }

  /** Every file, link and folder, but for what git itself keeps. */
  walk(): Record<string, string> {
    const found: Record<string, string> = {};
    const folders = [''];
    for (const folder of folders)
      for (const name of readdirSync(join(this.root, folder))) {
        const path = folder === '' ? name : `${folder}/${name}`;
        if (name === '.git') continue;
        const stats = lstatSync(this.path(path));
        if (stats.isDirectory()) folders.push(path);
        const mode = (stats.mode & 0o7777).toString(8);
        if (stats.isSymbolicLink()) found[path] = `link to ${readlinkSync(this.path(path))}`;
        else if (stats.isDirectory()) found[path] = 'folder';
        else
          found[path] = `${mode} ${createHash('sha256')
            .update(readFileSync(this.path(path)))
            .digest('hex')}`;
      }
    return found;
  }

  [Symbol.dispose](): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
