// An answer from the cache, and a question that many ask at the same time. The cached one is `chat/send` in a new chat, stored as any
// other; its reference is a request that the same daemon gives back as it came, over the same socket. The stampede counts how
// often the scripted model server was asked.
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import { Home } from '../process/home.ts';
import { above, type RoundOptions, takeTurns, timed } from './kit/measure.ts';
import type { Result } from './kit/report.ts';
import { connect, end, initialize, startForwarder } from './kit/servers.ts';

const requestsPerRound = 100;
const stampede = 100;
const warmUp = 3; // rounds: this much code takes longer to be compiled well

export async function run({ rounds }: RoundOptions): Promise<Result> {
  await using server = await startOpenAiServer({
    reply: { text: Array.from({ length: 100 }, (_, index) => ` word${index}`), usage: { input: 20, output: 100 } },
  });
  await using home = new Home({
    providers: { scripted: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } },
  });
  const forwarder = startForwarder(home); // starts the daemon
  await initialize(forwarder.connection);
  const connection = await connect(home);
  await initialize(connection);
  const send = (text: string): Promise<{ cached: boolean }> =>
    connection.sendRequest('switchyard/chat/send', { text, model: 'scripted/scripted', partialResultToken: text });

  await send('The same question again and again?');
  const { echo, cached } = await takeTurns(
    {
      echo: () => block(() => echoOf(connection)),
      cached: () =>
        block(async () => {
          if (!(await send('The same question again and again?')).cached)
            throw new Error('the answer did not come from the cache');
        }),
    },
    { rounds, warmUp },
  );
  const calls: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const before = server.chats.length;
    await Promise.all(Array.from({ length: stampede }, () => send(`What do all of them ask? (${round})`)));
    calls.push([server.chats.length - before]);
  }
  connection.close();
  await end(forwarder);
  return {
    rows: [
      {
        what: 'cached answer: added to an echo',
        unit: 'ms',
        rounds: above(cached, echo),
        goal: { of: 'value', atMost: 0.3 },
      },
      { what: 'the same, p99', unit: 'ms', rounds: above(cached, echo, 0.99) },
      { what: 'echo', unit: 'ms', rounds: echo },
      {
        what: `${stampede} equal questions at once: calls made`,
        unit: '',
        rounds: calls,
        goal: { of: 'value', atMost: 1 },
      },
    ],
  };
}

/** Milliseconds of each of a block of requests. */
async function block(ask: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < requestsPerRound; i++) samples.push(await timed(ask));
  return samples;
}

function echoOf(connection: MessageConnection): Promise<unknown> {
  return connection.sendRequest('codeAction/resolve', { title: 'The same question again and again?' });
}
