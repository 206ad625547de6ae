// What others that stand between a client and a model add to a streamed answer, and how many answers a second they pass on, beside
// what we do: direct, a minimal JSON proxy, Portkey, LiteLLM and Bifrost over HTTP; ours is `chat/send` over the daemon's socket,
// with everything a chat turn does (routing, limits, budget, cache miss, question and answer stored). All arms take turns in one
// run and ask the same scripted model server. Peers are installed into a cache at the first run; one that cannot be had is named.
import { randomUUID } from 'node:crypto';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { Home } from '../process/home.ts';
import { bifrost, liteLlm, portkey, portkeyWithoutSleep, startGateway } from './kit/gateways.ts';
import { streamChat, type Target, type Times } from './kit/http-chat.ts';
import { above, type RoundOptions, type Rounds, takeTurns } from './kit/measure.ts';
import { processorTimeMs } from './kit/processes.ts';
import type { Result, Row } from './kit/report.ts';
import { connect, end, initialize, startForwarder, startPeer } from './kit/servers.ts';

const pieces = 20;
const chatsPerRound = 30;
const chatsTogether = 96;
const together = 32;
const warmUp = 2; // rounds: this much code takes longer to be compiled well

type Ask = (question: string) => Promise<Times>;

interface Participant {
  name: string;
  ask: Ask;
  /** The process that stands between; `direct` has none. */
  pid?: number | undefined;
}

function httpParticipant(name: string, target: Target, pid?: number): Participant {
  return { name, ask: (question) => streamChat(target, question), pid };
}

export async function run({ rounds }: RoundOptions): Promise<Result> {
  await using home = new Home();
  const { address: model } = await startPeer(home, 'model-server.ts', String(pieces));
  const proxy = await startPeer(home, 'json-proxy.mjs', new URL(model).origin);
  home.configure({ providers: { scripted: { type: 'openai-compatible', baseUrl: model, models: ['scripted'] } } });
  const forwarder = startForwarder(home); // starts the daemon
  await initialize(forwarder.connection);
  const connection = await connect(home);
  const daemonPid = await initialize(connection);

  const path = `${new URL(model).pathname}/chat/completions`;
  const arms: Participant[] = [
    httpParticipant('direct', { url: `${new URL(model).origin}${path}`, headers: {} }),
    httpParticipant('minimal proxy', { url: `${proxy.address}${path}`, headers: {} }, proxy.pid),
  ];
  const notes: string[] = [];
  for (const gateway of [portkey, portkeyWithoutSleep, liteLlm, bifrost]) {
    const started = await startGateway(gateway, model, home);
    if ('target' in started) arms.push(httpParticipant(gateway.name, started.target, started.pid));
    else notes.push(started.missing);
  }
  arms.push({ name: 'Switchyard', ask: daemonOver(connection), pid: daemonPid });
  const rows = [...(await delays(arms, rounds)), ...(await throughputs(arms, rounds))];
  connection.close();
  await end(forwarder);
  return {
    rows,
    notes: [
      ...notes,
      `${pieces} pieces an answer; ${chatsPerRound} answers a round one after another, then ${chatsTogether} with ${together} at a time. Every question is new.`,
    ],
  };
}

/** One answer after another: what each arm adds to the direct one's times, and what its process works for that. */
async function delays(arms: readonly Participant[], rounds: number): Promise<Row[]> {
  const totals = new Map<string, number[][]>(arms.map(({ name }) => [name, []]));
  const work = new Map<string, number[][]>(arms.map(({ name }) => [name, []]));
  const block = async ({ name, ask, pid }: Participant): Promise<number[]> => {
    const times: Times[] = [];
    const workedMs = processorTimeOf(pid);
    for (let i = 0; i < chatsPerRound; i++) times.push(await ask(newQuestion()));
    work.get(name)?.push([(processorTimeOf(pid) - workedMs) / chatsPerRound]);
    totals.get(name)?.push(times.map(({ totalMs }) => totalMs));
    return times.map(({ firstMs }) => firstMs);
  };
  const first = await takeTurns(Object.fromEntries(arms.map((arm) => [arm.name, () => block(arm)])), {
    rounds,
    warmUp,
  });
  const totalOf = (name: string): Rounds => totals.get(name)?.slice(-rounds) ?? [];
  const added = (name: string, share?: number): Rounds => above(totalOf(name), totalOf('direct'), share);
  const addedFirst = (name: string): Rounds => above(first[name] ?? [], first['direct'] ?? []);
  const others = arms.map(({ name }) => name).filter((name) => name !== 'direct' && name !== 'Switchyard');
  const goals: Record<string, number> = { 'minimal proxy': 1.5, [portkeyWithoutSleep.name]: 0.35 };
  return [
    { what: 'direct: whole answer', unit: 'ms', rounds: totalOf('direct') },
    ...others.flatMap((name): Row[] => [
      { what: `${name}: added to the first token`, unit: 'ms', rounds: addedFirst(name) },
      { what: `${name}: added to the whole answer`, unit: 'ms', rounds: added(name) },
    ]),
    { what: 'Switchyard: added to the first token', unit: 'ms', rounds: addedFirst('Switchyard') },
    ...others.map(
      (name): Row => ({
        what: `Switchyard: added to the whole answer, against ${name}`,
        unit: 'ms',
        rounds: added('Switchyard'),
        against: { what: name, rounds: added(name) },
        ...(goals[name] !== undefined && { goal: { of: 'ratio', atMost: goals[name] } }),
      }),
    ),
    {
      what: 'Switchyard: added to the whole answer, p99',
      unit: 'ms',
      rounds: added('Switchyard', 0.99),
      goal: { of: 'value', atMost: 3 },
    },
    ...(process.platform === 'linux' ? workRows(others, (name) => work.get(name)?.slice(-rounds) ?? []) : []),
  ];
}

/** Other programs on the machine lengthen times, but hardly processor time. */
function workRows(others: readonly string[], workOf: (name: string) => Rounds): Row[] {
  return [
    ...others.map((name): Row => ({ what: `${name}: processor time for an answer`, unit: 'ms', rounds: workOf(name) })),
    ...others.map(
      (name): Row => ({
        what: `Switchyard: processor time for an answer, against ${name}`,
        unit: 'ms',
        rounds: workOf('Switchyard'),
        against: { what: name, rounds: workOf(name) },
      }),
    ),
  ];
}

/** Milliseconds of processor time so far; 0 where it is not known. */
function processorTimeOf(pid: number | undefined): number {
  return pid === undefined || process.platform !== 'linux' ? 0 : processorTimeMs(pid);
}

/** Many at a time: answers a second, and how many did not come whole. */
async function throughputs(arms: readonly Participant[], rounds: number): Promise<Row[]> {
  const failures = new Map<string, number>();
  const measured = await takeTurns(
    Object.fromEntries(
      arms.map(({ name, ask }) => [
        name,
        async () => {
          let left = chatsTogether;
          const startedAt = performance.now();
          const lane = async (): Promise<void> => {
            while (left-- > 0) await ask(newQuestion()).catch(() => failures.set(name, (failures.get(name) ?? 0) + 1));
          };
          await Promise.all(Array.from({ length: together }, lane));
          return chatsTogether / ((performance.now() - startedAt) / 1000);
        },
      ]),
    ),
    { rounds, warmUp },
  );
  const goals: Record<string, number> = { 'minimal proxy': 0.65, [portkeyWithoutSleep.name]: 4.5 };
  const others = arms.map(({ name }) => name).filter((name) => name !== 'Switchyard');
  return [
    ...others.map(
      (name): Row => ({ what: `${name}: answers, ${together} at a time`, unit: '/s', rounds: measured[name] ?? [] }),
    ),
    ...others
      .filter((name) => name !== 'direct')
      .map(
        (name): Row => ({
          what: `Switchyard: answers, ${together} at a time, against ${name}`,
          unit: '/s',
          rounds: measured['Switchyard'] ?? [],
          against: { what: name, rounds: measured[name] ?? [] },
          ...(goals[name] !== undefined && { goal: { of: 'ratio', atLeast: goals[name] } }),
        }),
      ),
    ...arms
      .filter(({ name }) => name === 'Switchyard' || failures.has(name))
      .map(
        ({ name }): Row => ({
          what: `${name}: answers that did not come whole`,
          unit: '',
          rounds: [[failures.get(name) ?? 0]],
          ...(name === 'Switchyard' && { goal: { of: 'value', atMost: 0 } }),
        }),
      ),
  ];
}

function newQuestion(): string {
  return `What does this function do, and is there anything wrong with it? (${randomUUID()})`;
}

/** Asks in a new chat each time; one listener hears the parts of all answers under way. */
function daemonOver(connection: MessageConnection): Ask {
  const onText = new Map<string, () => void>();
  connection.onNotification('$/progress', ({ token, value }: { token: string; value: { kind: string } }) => {
    if (value.kind === 'text') onText.get(token)?.();
  });
  return async (question) => {
    const startedAt = performance.now();
    let firstMs: number | undefined;
    onText.set(question, () => (firstMs ??= performance.now() - startedAt));
    try {
      const { finishReason } = await connection.sendRequest<{ finishReason: string }>('switchyard/chat/send', {
        text: question,
        model: 'scripted/scripted',
        partialResultToken: question,
      });
      if (firstMs === undefined || finishReason !== 'stop') throw new Error('no whole answer came');
      return { firstMs, totalMs: performance.now() - startedAt };
    } finally {
      onText.delete(question);
    }
  };
}
