// Helix in a terminal of its own: typed into, and read from its screen, which is all that it lets others see.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './child.ts';
import { sidProgram, sidRuntime } from './debian-sid.ts';
import type { Home } from './home.ts';
import { product } from './product.ts';
import { environment, linesOf } from './readme-user.ts';
import { until } from './until.ts';

const size = { columns: 200, rows: 40 };
/** What Helix says while its server starts, and once it has started. */
const noActionsYet = 'No configured language server supports code actions|No code actions available';
/** What each title of ours has. */
const ofOffers = /Switchyard|the agent's changes|this change by the agent|Apply suggested fix:|Dismiss:/;

/** Lives as long as the terminal that it runs in. */
export class Helix implements AsyncDisposable {
  readonly #home: Home;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(home: Home) {
    this.#home = home;
    this.#env = { ...environment(home), HELIX_RUNTIME: sidRuntime(product.sid), LC_ALL: 'C.UTF-8' };
  }

  /** Set up with the very lines of the README. */
  static async start(home: Home, file: string): Promise<Helix> {
    const folder = join(home.root, 'config', 'helix');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'languages.toml'), linesOf('toml'));
    const helix = new Helix(home);
    const { columns, rows } = size;
    await helix.#tmux(
      'new-session',
      '-d',
      '-x',
      `${columns}`,
      '-y',
      `${rows}`,
      '-c',
      dirname(file),
      ...[...sidProgram(product.sid, 'hx'), file],
    );
    await helix.shows(/ NOR /);
    return helix;
  }

  /** Keys by tmux's names: `Escape`, `C-n`, `Space`. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.#tmux('send-keys', key);
  }

  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text);
  }

  /** Back from wherever it is. */
  async escape(): Promise<void> {
    await this.press('Escape');
    await this.shows(/^[^┌]* NOR [^┌]*$/); // the next key would make another one of it
  }

  /** A line of its command line. */
  async command(line: string): Promise<void> {
    await this.type(':');
    await this.type(line);
    await this.press('Enter');
  }

  /** Opens the menu of code actions, and takes the one whose title begins with this. */
  async act(title: string): Promise<void> {
    const menu = await until(`the action ${title}`, async () => {
      await this.type(' ');
      await this.shows('Perform code action'); // by then, what it said last is gone
      await this.type('a');
      const shown = await this.shows(new RegExp(`${title}|${noActionsYet}`));
      return shown.includes(title) && shown;
    });
    const rows = menu.split('\n').filter((row) => ofOffers.test(row));
    const place = rows.findIndex((row) => row.includes(title));
    for (let step = 0; step < place; step++) await this.press('C-n');
    await this.press('Enter');
  }

  async screen(): Promise<string> {
    return await this.#tmux('capture-pane', '-p');
  }

  /** Waits until its screen has this, and returns it. */
  async shows(what: RegExp | string): Promise<string> {
    let last = '';
    try {
      return await until(`${what} on the screen`, async () => {
        last = await this.screen();
        return (typeof what === 'string' ? last.includes(what) : what.test(last)) && last;
      });
    } catch (error) {
      throw new Error(`${String(error)}\n${last}`);
    }
  }

  async #tmux(...parameters: string[]): Promise<string> {
    const socket = join(this.#home.root, 'tmux');
    const { code, stdout, output } = await run('tmux', ['-S', socket, '-f', '/dev/null', ...parameters], {
      cwd: this.#home.root,
      env: this.#env,
    });
    if (code !== 0) throw new Error(`tmux ${parameters.join(' ')} failed: ${output}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => {}); // it has ended with Helix
  }
}
