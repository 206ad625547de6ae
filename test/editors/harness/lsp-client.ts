// A real editor driven by one of the scripts in clients/: each step it takes is a line of JSON, and it waits for its turn where asked.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import type { Home } from './home.ts';
import { product } from './product.ts';
import { until } from './until.ts';

export interface Step {
  event: 'attached' | 'reviewed' | 'diagnostics' | 'action' | 'left' | 'server-exit' | 'failed';
  [field: string]: unknown;
}

export interface ClientOptions {
  home: Home;
  /** The file that the editor opens. */
  file: string;
  /** A part of the message of a finding that comes with an edit, and of one that a model must fix. */
  withEdit: string;
  withModel: string;
}

const maxOutputChars = 3000;
const clients = resolve(dirname(fileURLToPath(import.meta.url)), '../clients');

export function startNeovim(options: ClientOptions): LspClient {
  return new LspClient('nvim', ['--clean', '--headless', '-c', `luafile ${join(clients, 'neovim.lua')}`], options);
}

export function startEmacs(options: ClientOptions): LspClient {
  return new LspClient('emacs', ['--batch', '-q', '-l', join(clients, 'emacs.el')], options);
}

/** An editor with a file open. Lives from the start until it leaves, or is made to. */
export class LspClient {
  readonly #child: Child;
  readonly #turns: string;

  constructor(command: string, parameters: string[], { home, file, withEdit, withModel }: ClientOptions) {
    this.#turns = mkdtempSync(join(home.root, 'turns-'));
    this.#child = new Child(command, parameters, {
      cwd: home.root,
      env: {
        ...home.env,
        FILE: file,
        TURN: this.#turns,
        WITH_EDIT: withEdit,
        WITH_MODEL: withModel,
        SERVER: JSON.stringify([process.execPath, product.program, '--stdio']),
      },
    });
  }

  /** Lets the editor go on where it waits. */
  turn(step: 'review' | 'leave'): void {
    writeFileSync(join(this.#turns, step), '');
  }

  /** The steps so far. Throws when the editor says that one failed. */
  get steps(): Step[] {
    const lines = this.#child.output
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('@')); // the last one may still be growing
    const steps = lines.map((line) => JSON.parse(line.slice(1)) as Step);
    const failure = steps.find(({ event }) => event === 'failed');
    if (failure) throw new Error(`The editor says: ${String(failure['message'])}`);
    return steps;
  }

  /** Waits for the `count`th step of its kind. */
  async step(event: Step['event'], count = 1): Promise<Step> {
    try {
      return await until(`"${event}" from the editor`, () => {
        const taken = this.steps.filter((step) => step.event === event)[count - 1];
        if (!taken && this.#child.hasEnded) throw new Error('The editor has ended.');
        return taken;
      });
    } catch (error) {
      throw new Error(`${String(error)} It said:\n${this.#child.output.slice(-maxOutputChars)}`);
    }
  }

  /** Waits for the editor to end by itself and returns its exit code. */
  async leave(): Promise<number | null> {
    this.turn('leave');
    const { code } = await this.#child.ended();
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.end();
  }
}
