// A command as somebody at a terminal has it: it may ask, and is answered when it does.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type Home, program, until } from '../home.ts';

/** What makes a pipe look like a terminal to the program. */
const terminal = 'data:text/javascript,process.stdin.isTTY = process.stdout.isTTY = process.stderr.isTTY = true';
const escapes = new RegExp(`${String.fromCharCode(27)}\\[[\\d;?]*[A-Za-z]`, 'g');

/** Lives as long as a command. */
export class TerminalCommand {
  readonly child: ChildProcess;
  stdout = '';
  /** Without what moves the cursor. */
  stderr = '';
  #read = 0;

  constructor(home: Home, args: readonly string[], cwd: string) {
    this.child = home.spawn(['--import', terminal, program, ...args], process.execPath, cwd);
    this.child.stdout?.on('data', (piece) => {
      this.stdout += String(piece);
    });
    this.child.stderr?.on('data', (piece) => {
      this.stderr += String(piece).replaceAll(escapes, '');
    });
  }

  /** Waits until a question is asked, and resolves with what was said on stderr since the last one. */
  async asked(question: RegExp): Promise<string> {
    const said = await until(`${question} in ${this.stderr}`, () => {
      const since = this.stderr.slice(this.#read);
      return question.test(since) && since;
    });
    this.#read = this.stderr.length;
    return said;
  }

  async answer(question: RegExp, answer: string): Promise<string> {
    const said = await this.asked(question);
    this.child.stdin?.write(`${answer}\n`);
    return said;
  }

  /** The code that it exits with, and what was said on stderr since the last question. */
  async ended(): Promise<{ code: number | null; said: string }> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return { code: this.child.exitCode, said: this.stderr.slice(this.#read) };
  }
}
