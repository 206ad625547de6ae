// What the daemon adds to a streamed answer: `chat/send` over its socket, with everything a chat turn does (question and answer
// stored as they come, the model chosen, the prompt fitted). Base: the same request by the `openai` package with Node's own fetch,
// straight to the same scripted model server. Reference for what is added: what a minimal JSON proxy in Node adds. The server
// sends its pieces as fast as they are taken, so the time for a piece is the work for it.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { Home } from '../process/home.ts';
import type { Times } from './kit/http-chat.ts';
import { type Arm, above, type RoundOptions, takeTurns } from './kit/measure.ts';
import type { Result, Row } from './kit/report.ts';
import { connect, end, initialize, startForwarder, startPeer } from './kit/servers.ts';

const chatsPerRound = 40;
const warmUp = 3; // rounds: this much code takes longer to be compiled well
const pieces = 100;
const question = 'What does this function do, and is there anything wrong with it?';

export async function run({ rounds }: RoundOptions): Promise<Result> {
  await using home = new Home();
  const model = (await startPeer(home, 'model-server.ts', String(pieces))).address;
  const proxy = (await startPeer(home, 'json-proxy.mjs', new URL(model).origin)).address;
  home.configure({ providers: { scripted: { type: 'openai-compatible', baseUrl: model, models: ['scripted'] } } });
  const forwarder = startForwarder(home); // starts the daemon
  await initialize(forwarder.connection);
  const connection = await connect(home);
  await initialize(connection);

  const recorders = {
    direct: new Recorder(() => askOpenAi(model)),
    proxy: new Recorder(() => askOpenAi(`${proxy}${new URL(model).pathname}`)),
    daemon: new Recorder(() => askDaemon(connection)),
  };
  const first = await takeTurns(
    { direct: recorders.direct.arm, proxy: recorders.proxy.arm, daemon: recorders.daemon.arm },
    { rounds, warmUp },
  );
  const total = {
    direct: recorders.direct.totals(rounds),
    proxy: recorders.proxy.totals(rounds),
    daemon: recorders.daemon.totals(rounds),
  };
  connection.close();
  await end(forwarder);
  return {
    rows: rowsOf(first, total),
    notes: [
      `${pieces} pieces an answer, ${chatsPerRound} answers a round. Each question is the first of a chat that is there already.`,
    ],
  };
}

type Samples = Record<'direct' | 'proxy' | 'daemon', readonly (readonly number[])[]>;

function rowsOf(first: Samples, total: Samples): Row[] {
  const added = (times: Samples, arm: 'proxy' | 'daemon', share?: number) => above(times[arm], times.direct, share);
  const perPiece = (arm: 'proxy' | 'daemon') =>
    added(total, arm).map(([ms = 0], round) => [(1000 * (ms - (added(first, arm)[round]?.[0] ?? 0))) / pieces]);
  return [
    {
      what: 'added to the first token',
      unit: 'ms',
      rounds: added(first, 'daemon'),
      against: { what: 'minimal proxy', rounds: added(first, 'proxy') },
      goal: { of: 'value', atMost: 1 },
    },
    { what: 'the same, p99', unit: 'ms', rounds: added(first, 'daemon', 0.99), goal: { of: 'value', atMost: 5 } },
    {
      what: 'added to the whole answer',
      unit: 'ms',
      rounds: added(total, 'daemon'),
      against: { what: 'minimal proxy', rounds: added(total, 'proxy') },
      goal: { of: 'ratio', atMost: 1.5 },
    },
    { what: 'the same, p99', unit: 'ms', rounds: added(total, 'daemon', 0.99), goal: { of: 'value', atMost: 3 } },
    { what: 'added to each token after the first', unit: 'us', rounds: perPiece('daemon') },
    { what: 'proxy: added to the first token', unit: 'ms', rounds: added(first, 'proxy') },
    { what: 'proxy: added to the whole answer', unit: 'ms', rounds: added(total, 'proxy') },
    { what: 'direct: first token', unit: 'ms', rounds: first.direct },
    { what: 'direct: whole answer', unit: 'ms', rounds: total.direct },
  ];
}

/** Asks in blocks and keeps both times; the arm hands out the first. Lives as long as the benchmark. */
class Recorder {
  readonly arm: Arm;
  readonly #blocks: number[][] = [];

  constructor(ask: () => Promise<Times>) {
    this.arm = async () => {
      const times: Times[] = [];
      for (let i = 0; i < chatsPerRound; i++) times.push(await ask());
      this.#blocks.push(times.map(({ totalMs }) => totalMs));
      return times.map(({ firstMs }) => firstMs);
    };
  }

  /** The totals of the last rounds, which are those that count. */
  totals(rounds: number): number[][] {
    return this.#blocks.slice(-rounds);
  }
}

async function askOpenAi(baseURL: string): Promise<Times> {
  const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
  const watch = new Watch();
  const stream = await client.chat.completions.create({
    model: 'scripted',
    messages: [{ role: 'user', content: question }],
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) watch.onText();
  return watch.end();
}

async function askDaemon(connection: MessageConnection): Promise<Times> {
  const { chatId } = await connection.sendRequest<{ chatId: string }>('switchyard/chat/create', {});
  const watch = new Watch();
  const listener = connection.onNotification('$/progress', ({ value }: { value: { kind: string } }) => {
    if (value.kind === 'text') watch.onText();
  });
  await connection.sendRequest('switchyard/chat/send', {
    chatId,
    text: `${question} ${chatId}`,
    model: 'scripted/scripted',
    partialResultToken: chatId,
  });
  listener.dispose();
  return watch.end();
}

/** Lives as long as one answer. */
class Watch {
  readonly #startedAt = performance.now();
  #firstMs: number | undefined;

  onText(): void {
    this.#firstMs ??= performance.now() - this.#startedAt;
  }

  end(): Times {
    assert.ok(this.#firstMs !== undefined, 'no text came');
    return { firstMs: this.#firstMs, totalMs: performance.now() - this.#startedAt };
  }
}
