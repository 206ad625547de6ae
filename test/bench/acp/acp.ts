// A task over the Agent Client Protocol: initialize, prompt, permission, diff, and from the notification that stops a turn to its end, while a
// model streams and while a program runs. Reference: the least that an agent with the protocol's own package does (`peers/acp-agent.mjs`),
// asked by the same client. Ours has a scripted model server behind it, stores the chat, and takes a checkpoint.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { Reply } from '../../fakes/provider-servers/scripted-server.ts';
import { AcpEditor } from '../../process/acp/editor.ts';
import { allPids, Home, until } from '../../process/home.ts';
import { type RoundOptions, type Rounds, takeTurns, timed } from '../kit/measure.ts';
import type { Result, Row } from '../kit/report.ts';

const bare = fileURLToPath(new URL('../peers/acp-agent.mjs', import.meta.url));
const never = new Promise(() => {});
const marker = 'switchyard-bench-acp';
const program = `require('node:fs').writeFileSync('${marker}', ''); setInterval(() => {}, 1000)`;
const maxEndMs = 100; // from cancel to the end of the turn

const call = (name: string, given: Record<string, unknown>): Reply => ({
  text: '',
  toolCalls: [{ name, arguments: given }],
});
/** What the scripted model does, by what a prompt says. */
const turns: Record<string, Reply[]> = {
  edit: [call('edit', { path: 'answer.ts', old: '42', new: '43' }), { text: 'Done.' }],
  talk: [{ text: 'one two three', hold: { after: 1, until: never } }],
  work: [call('run', { argv: ['node', '-e', program] })],
};

/** Lives as long as the benchmark. */
class Desk {
  readonly editor: AcpEditor;
  readonly #folder: string;

  constructor(editor: AcpEditor, folder: string) {
    this.editor = editor;
    this.#folder = folder;
  }

  /** Milliseconds from a prompt to its end, with a permission and a diff. */
  async edit(): Promise<number> {
    writeFileSync(join(this.#folder, 'answer.ts'), 'export const answer = 42;\n');
    const { sessionId } = await this.editor.session(this.#folder);
    return await timed(() => this.editor.prompt(sessionId, 'edit'));
  }

  /** Milliseconds from the cancel to the end of the turn, while the model streams. */
  async stopTalking(): Promise<number> {
    const { sessionId } = await this.editor.session(this.#folder);
    const prompt = this.editor.prompt(sessionId, 'talk');
    await until('the answer', () => this.editor.text(sessionId, 'agent_message_chunk') !== '');
    return await this.#stopped(sessionId, prompt);
  }

  /** The same while a program runs, and until the program is gone. */
  async stopWorking(): Promise<{ endMs: number; goneMs: number }> {
    const started = join(this.#folder, marker);
    rmSync(started, { force: true });
    const { sessionId } = await this.editor.session(this.#folder);
    const prompt = this.editor.prompt(sessionId, 'work');
    await until('the program', () => existsSync(started));
    const at = performance.now();
    const endMs = await this.#stopped(sessionId, prompt);
    await until('the end of the program', () => !isRunning());
    return { endMs, goneMs: performance.now() - at };
  }

  async #stopped(sessionId: string, prompt: Promise<{ stopReason: string }>): Promise<number> {
    return await timed(async () => {
      await this.editor.cancel(sessionId);
      const { stopReason } = await prompt;
      if (stopReason !== 'cancelled') throw new Error(`the turn ended with ${stopReason}`);
    });
  }
}

export async function run({ rounds, warmUp = 2 }: RoundOptions): Promise<Result> {
  await using server = await startOpenAiServer();
  const models = [{ name: 'scripted', capabilities: { tools: true, chat: true } }];
  await using home = new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models } } });
  server.reply = ({ body }) => {
    const { messages } = body as { messages: { role: string; content: unknown }[] };
    const asked = messages.findLastIndex(({ role }) => role === 'user');
    const said = Object.keys(turns).find((name) => JSON.stringify(messages[asked]?.content).includes(name)) ?? 'edit';
    const done = messages.slice(asked).filter(({ role }) => role === 'tool').length;
    return turns[said]?.[done] ?? { text: 'Done.' };
  };
  const folder = dirname(home.project('work', 'answer.ts'));
  await home.switchyard(['trust', folder]);
  const ours = new Desk(await AcpEditor.open(home), folder);
  const reference = new Desk(await AcpEditor.open(home, {}, [bare]), folder);
  const gone: number[][] = [];
  const measured = await takeTurns(
    {
      bareEdit: () => reference.edit(),
      edit: () => ours.edit(),
      bareStop: () => reference.stopTalking(),
      stopTalking: () => ours.stopTalking(),
      async stopWorking() {
        const { endMs, goneMs } = await ours.stopWorking();
        gone.push([goneMs]);
        return endMs;
      },
      bareStart: () => start(home, [bare], folder),
      start: () => start(home, undefined, folder),
    },
    { rounds, warmUp },
  );
  for (const { editor } of [ours, reference]) editor.child.kill();
  const notes = [
    'The turn ends at once; what was under way is stopped meanwhile, which the last row shows for a program.',
  ];
  return { rows: rowsOf(measured, gone.slice(warmUp)), notes };
}

function rowsOf(
  measured: Record<'bareEdit' | 'edit' | 'bareStop' | 'stopTalking' | 'stopWorking' | 'bareStart' | 'start', Rounds>,
  gone: Rounds,
): Row[] {
  const { bareEdit, edit, bareStop, stopTalking, stopWorking, bareStart, start } = measured;
  const goal = { of: 'value', atMost: maxEndMs } as const;
  const bareAgent = 'bare agent';
  return [
    { what: 'started to a session', unit: 'ms', rounds: start, against: { what: bareAgent, rounds: bareStart } },
    {
      what: 'prompt, permission, diff, end',
      unit: 'ms',
      rounds: edit,
      against: { what: bareAgent, rounds: bareEdit },
    },
    {
      what: 'cancel to the end, a model streams',
      unit: 'ms',
      rounds: stopTalking,
      against: { what: bareAgent, rounds: bareStop },
      goal,
    },
    {
      what: 'cancel to the end, a program runs',
      unit: 'ms',
      rounds: stopWorking,
      against: { what: bareAgent, rounds: bareStop },
      goal,
    },
    ...(process.platform === 'linux'
      ? [{ what: 'cancel until the program is gone', unit: 'ms' as const, rounds: gone }]
      : []),
  ];
}

/** Milliseconds until a fresh program has a session; our daemon runs. */
async function start(home: Home, args: readonly string[] | undefined, folder: string): Promise<number> {
  let editor: AcpEditor | undefined;
  const ms = await timed(async () => {
    editor = await AcpEditor.open(home, {}, args);
    await editor.session(folder);
  });
  editor?.child.kill();
  return ms;
}

function isRunning(): boolean {
  return process.platform === 'linux' && allPids().some((pid) => commandOf(pid).includes(marker));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // gone
  }
}
