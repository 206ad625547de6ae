// A home whose only provider says what a test writes down, turn by turn: what the suites of the agent in the built program ask.
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { RecordedRequest, Reply, ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { Home } from '../home.ts';

const scripted = { name: 'scripted', capabilities: { tools: true, chat: true } };
const usage = { input: 1000, output: 10 };

/** What a model waits for that answers no more. */
export const never = new Promise<never>(() => {});

/** A turn that calls one tool. */
export function calling(name: string, given: Record<string, unknown>): Reply {
  return { toolCalls: [{ name, arguments: given }] };
}

export interface LabOptions {
  /** Models of the provider; one with a price when left out. */
  models?: readonly object[];
  /** More of config.json. */
  config?: object;
}

/** Lives as long as a suite. Its model is `lab/scripted`. */
export class ScriptedLab implements AsyncDisposable {
  readonly server: ScriptedServer;
  readonly home: Home;
  /** What the model says, the last of it from then on. */
  turns: readonly (string | Reply)[] = [];
  asked: RecordedRequest[] = [];

  protected constructor(server: ScriptedServer, { models, config }: LabOptions) {
    const priced = { ...scripted, price: { input: 1, output: 1 } };
    this.server = server;
    this.home = new Home({
      providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: models ?? [priced] } },
      ...config,
    });
  }

  static async open(options: LabOptions = {}): Promise<ScriptedLab> {
    return new ScriptedLab(await startOpenAiServer(), options);
  }

  /** Forgets what was asked: the script begins again, or another one. */
  begin(turns = this.turns): void {
    this.turns = turns;
    this.asked = [];
    this.server.reply = (request) => {
      const turn = this.turns[Math.min(this.asked.push(request), this.turns.length) - 1] ?? '';
      return { usage, ...(typeof turn === 'object' ? turn : { text: turn }) };
    };
  }

  /** What the model was told last. */
  get told(): string {
    return JSON.stringify(this.asked.at(-1)?.body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.home[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}
