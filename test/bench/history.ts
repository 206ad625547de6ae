// What a blocked disk of the history costs: whole answers of `chat/send` by a daemon whose lines for the history are never written,
// against those of one whose disk is free. The two daemons are the built program and differ in nothing else; in the blocked one a
// real wait holds a thread of Node's pool, and the queue of lines fills up to its bound and overflows.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { Home } from '../process/home.ts';
import { type Arm, type RoundOptions, takeTurns, timed } from './kit/measure.ts';
import { known, type Result } from './kit/report.ts';
import { connect, end, initialize, startForwarder, startPeer } from './kit/servers.ts';

const chatsPerRound = 200; // of fewer, a p99 is the slowest alone
const pieces = 10;

interface State {
  waiting: number;
  dropped: number;
}

export async function run(options: RoundOptions): Promise<Result> {
  if (process.platform === 'win32')
    return { rows: [], notes: ['Not measured on Windows, where no pipe can stand in for the disk.'] };
  await using freeHome = new Home();
  await using blockedHome = new Home();
  const model = (await startPeer(freeHome, 'model-server.ts', String(pieces))).address;
  const pipe = blockedHome.file('pipe');
  execFileSync('mkfifo', [pipe]);
  const free = await start(freeHome, model);
  const variables = {
    NODE_OPTIONS: `--import=${new URL('../process/peers/blocked-disk.mjs', import.meta.url).href}`,
    TEST_BLOCKED_PIPE: pipe,
  };
  Object.assign(process.env, variables);
  const blocked = await start(blockedHome, model);
  for (const name of Object.keys(variables)) delete process.env[name];

  const times = await takeTurns({ free: arm(free.connection), blocked: arm(blocked.connection) }, options);
  const [freeState, blockedState] = [await stateOf(free.connection), await stateOf(blocked.connection)];
  assert.equal(freeState.dropped, 0, 'the free disk took every line');
  assert.ok(blockedState.waiting > 0, 'the blocked disk took none');
  await free.leave();
  await blocked.leave();
  return {
    rows: [
      {
        what: 'whole answer, disk blocked',
        unit: 'ms',
        rounds: times.blocked,
        against: { what: 'disk free', rounds: times.free },
      },
      {
        what: 'the same, p99',
        unit: 'ms',
        rounds: times.blocked,
        share: 0.99,
        against: { what: 'disk free', rounds: times.free },
        goal: { of: 'ratio', atMost: 1.05 },
      },
      {
        what: 'lines that wait at the end',
        unit: '',
        rounds: known(blockedState.waiting),
        goal: { of: 'value', atMost: 2000 },
      },
      { what: 'lines that were dropped, and counted', unit: '', rounds: known(blockedState.dropped) },
    ],
    notes: [`${chatsPerRound} answers of ${pieces} pieces a round, from a scripted model server.`],
  };
}

function arm(connection: MessageConnection): Arm {
  return async () => {
    const times: number[] = [];
    for (let i = 0; i < chatsPerRound; i++) {
      const { chatId } = await connection.sendRequest<{ chatId: string }>('switchyard/chat/create', {});
      times.push(
        await timed(() =>
          connection.sendRequest('switchyard/chat/send', {
            chatId,
            text: `Is anything wrong with it? ${chatId}`,
            model: 'scripted/scripted',
          }),
        ),
      );
    }
    return times;
  };
}

async function stateOf(connection: MessageConnection): Promise<State> {
  return (await connection.sendRequest<{ history: State }>('switchyard/daemon/status', {})).history;
}

async function start(home: Home, model: string): Promise<{ connection: MessageConnection; leave(): Promise<void> }> {
  home.configure({ providers: { scripted: { type: 'openai-compatible', baseUrl: model, models: ['scripted'] } } });
  const forwarder = startForwarder(home); // starts the daemon
  await initialize(forwarder.connection);
  const connection = await connect(home);
  await initialize(connection);
  const leave = async (): Promise<void> => {
    connection.close();
    await end(forwarder);
  };
  return { connection, leave };
}
