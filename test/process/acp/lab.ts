// A user with a trusted folder, a scripted model, and the daemon of the built program, for editors of the Agent Client Protocol.
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { RecordedRequest, Reply, ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { Home } from '../home.ts';

const capabilities = { tools: true, chat: true };
const price = { input: 1, output: 2 };

export function asks(name: string, given: Record<string, unknown>): Reply {
  return { text: '', toolCalls: [{ name, arguments: given }] };
}

export const never = new Promise(() => {});
/** The one edit that these tests make. */
export const edits = asks('edit', { path: 'answer.ts', old: '42', new: '43' });

/** Lives as long as a suite. */
export class AcpLab implements AsyncDisposable {
  readonly home: Home;
  readonly folder: string;
  readonly #server: ScriptedServer;
  /** What the model says, turn by turn; the last one again. */
  turns: (string | Reply)[] = [];
  asked: RecordedRequest[] = [];

  private constructor(server: ScriptedServer, config: object) {
    this.#server = server;
    const models = [
      { name: 'scripted', capabilities, price, contextTokens: 50_000 },
      { name: 'other', capabilities, price },
      { name: 'seeing', capabilities: { ...capabilities, vision: true }, price },
      { name: 'blind', capabilities: { ...capabilities, vision: false }, price },
    ];
    this.home = new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models } }, ...config });
    this.folder = dirname(this.home.project('work', 'answer.ts'));
    server.reply = (request) => {
      const turn = this.turns[Math.min(this.asked.push(request) - 1, this.turns.length - 1)];
      const usage = { input: 1000, output: 10 };
      return typeof turn === 'object' ? { usage, ...turn } : { usage, text: turn ?? '' };
    };
  }

  static async open(config: object = {}): Promise<AcpLab> {
    const lab = new AcpLab(await startOpenAiServer(), config);
    lab.begin([]);
    await lab.home.switchyard(['trust', lab.folder]);
    return lab;
  }

  /** A fresh file, and a model that has said nothing yet. */
  begin(turns: (string | Reply)[]): void {
    this.turns = turns;
    this.asked = [];
    writeFileSync(this.path, 'export const answer = 42;\n');
  }

  get path(): string {
    return this.home.project('work', 'answer.ts');
  }

  /** The last request to the model. */
  get told(): string {
    return JSON.stringify(this.asked.at(-1)?.body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.home[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}
