// A workspace in a folder of a user's, and programs that run in it behind a fence.
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SetAside } from '../../../../../daemon/features/agent/sandbox/settings-guard.ts';
import { type Wrapper, wrappers } from '../../../../../daemon/features/agent/sandbox/wrappers.ts';
import { nodeOnPath, WorkedFolder } from '../kit.ts';

/** One way to make the fence with each program. */
export const ways = wrappers.filter((one, at) => wrappers.findIndex(({ program }) => program === one.program) === at);

/** Neither in /tmp, where this clone may lie, nor in another folder that programs have of their own. */
const caches = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const parent = join(caches, 'switchyard-test', 'fence');

export class Yard implements Disposable {
  readonly env: NodeJS.ProcessEnv = { ...nodeOnPath };
  readonly folder: WorkedFolder;
  /** Settings that were set aside where no result of a program says so. */
  readonly untold: SetAside[] = [];
  /** The user's home folder. */
  readonly home: string;

  constructor(
    wrapper: Wrapper,
    options: { parent?: string; free?: () => number; timeoutMs?: number; shown?: readonly string[] } = {},
  ) {
    const { free, timeoutMs = 60_000, shown = [] } = options;
    mkdirSync(parent, { recursive: true });
    this.folder = new WorkedFolder({
      env: this.env,
      parent: options.parent ?? parent,
      timeoutMs,
      more: {
        wrappers: [wrapper],
        shownFiles: () => shown,
        onUntold: (setAside) => void this.untold.push(setAside),
        ...(free && { freeBytes: async () => free() }),
      },
    });
    this.home = join(this.folder.outside, 'home');
    mkdirSync(this.home);
    this.env['HOME'] = this.home;
  }

  /** What the program printed. `$` in its code is the folder around the workspace. */
  async run(code: string, { network = false } = {}): Promise<string> {
    const { outside } = this.folder;
    this.folder.write('tool.js', `const $ = ${JSON.stringify(outside)}, fs = require('node:fs');\n${code}\n`);
    const { said } = await this.folder.perform('run', { argv: ['node', 'tool.js'], network });
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

export const inShell = (script: string): string =>
  `console.log(require('node:child_process').spawnSync('/bin/sh', ['-c', ${JSON.stringify(script)}, 'sh', $], { encoding: 'utf8' }).stderr);`;
export const tried = (work: string): string => `try { ${work} } catch (error) { console.log(error.code); }`;

export function inShellShown(script: string): string {
  return `console.log(require('node:child_process').spawnSync('/bin/sh', ['-c', ${JSON.stringify(script)}, 'sh', $], { encoding: 'utf8' }).stdout);`;
}
