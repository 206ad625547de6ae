// Nothing of what a client asked for stays in the daemon once it is answered: what is alive there is counted before and after many
// requests of each kind.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { connect, initialize } from '../../bench/kit/servers.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import { Home, program, until } from '../home.ts';

const probe = new URL('../peers/retention-probe.mjs', import.meta.url);

interface Alive {
  objects: number;
  signals: number;
}

/** More than what caches and compiled code vary by: whatever is kept for each request is many objects, with what it refers to. */
const maxObjects = 2500;
/** Of signals that a request may leave behind. */
const maxShare = 1 / 3;

type Client = Awaited<ReturnType<typeof connect>>;

describe('a daemon keeps nothing of', () => {
  let home: Home;
  let model: Awaited<ReturnType<typeof startOpenAiServer>>;
  let daemon: ChildProcess;
  let client: Client;
  let uri: string;

  before(async () => {
    model = await startOpenAiServer({ reply: { text: ['A ', 'word.'] } });
    home = new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: model.url, models: ['tiny'] } } });
    writeFileSync(home.project('src', 'a.ts'), 'export const answer = 42;\n');
    uri = pathToFileURL(home.project('src', 'a.md')).href;
    daemon = home.spawn(['--import', fileURLToPath(probe), program, 'serve']);
    await once(daemon.stderr ?? daemon, 'data'); // says that it is ready
    client = await connect(home);
    await initialize(client);
    const folder = pathToFileURL(home.project('src')).href;
    await client.sendNotification('workspace/didChangeWorkspaceFolders', {
      event: { added: [{ uri: folder, name: 'src' }], removed: [] },
    });
    const textDocument = { uri, languageId: 'markdown', version: 1, text: '# A\n\nSome words.\n' };
    await client.sendNotification('textDocument/didOpen', { textDocument });
  });
  after(async () => {
    client?.close();
    await home?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
  });

  async function alive(): Promise<Alive> {
    daemon.stdin?.write('\n');
    const [line] = (await once(daemon.stdout ?? daemon, 'data')) as [Buffer];
    return JSON.parse(line.toString()) as Alive;
  }

  /** A new question each time: an equal one would be answered from the cache. */
  function ask(text: string): Promise<{ chatId: string }> {
    const params = { text: `${text} (${randomUUID()})`, model: 'lab/tiny', partialResultToken: randomUUID() };
    return client.sendRequest('switchyard/chat/send', params);
  }

  const range = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };
  const kinds: Record<string, { times: number; request(): Promise<unknown> }> = {
    answers: { times: 250, request: () => ask('What is this?') },
    'answers that were cancelled': {
      times: 150,
      async request() {
        const source = new CancellationTokenSource();
        const params = { text: `Stop. (${randomUUID()})`, model: 'lab/tiny' };
        const asked = client.sendRequest('switchyard/chat/send', params, source.token);
        source.cancel();
        await asked.catch(() => {});
      },
    },
    'questions that no model answers': {
      times: 150,
      request: () => client.sendRequest('switchyard/chat/send', { text: 'Why?', model: 'lab/none' }).catch(() => {}),
    },
    'questions about the code base': { times: 40, request: () => ask('@codebase what is the answer?') },
    'chats that were deleted': {
      times: 150,
      async request() {
        const { chatId } = await ask('What is this?');
        await client.sendRequest('switchyard/chat/delete', { chatId });
        await client.sendRequest('switchyard/chat/purge', { chatId });
      },
    },
    reviews: {
      times: 60,
      request: () => client.sendRequest('switchyard/review/run', { textDocument: { uri }, model: 'lab/tiny' }),
    },
    'code actions': {
      times: 60,
      request: () =>
        client.sendRequest('switchyard/code/action', {
          kind: 'explain',
          textDocument: { uri },
          range,
          model: 'lab/tiny',
        }),
    },
    searches: { times: 100, request: () => client.sendRequest('switchyard/search', { query: `word ${randomUUID()}` }) },
    'clients that left': {
      times: 100,
      async request() {
        const another = await connect(home);
        await initialize(another);
        another.close();
      },
    },
  };

  for (const [title, { times, request }] of Object.entries(kinds))
    it(title, async () => {
      const atOnce = 4;
      const many = async (count: number): Promise<void> => {
        const lane = async (): Promise<void> => {
          for (let i = 0; i < count / atOnce; i++) await request();
        };
        await Promise.all(Array.from({ length: atOnce }, lane));
      };
      await many(times); // fills what is kept up to a number
      const start = await alive();
      await many(times);
      let grown: Alive = { objects: 0, signals: 0 };
      const isFlat = async (): Promise<boolean> => {
        const now = await alive();
        grown = { objects: now.objects - start.objects, signals: now.signals - start.signals };
        return grown.objects <= maxObjects && grown.signals <= maxShare * times;
      };
      await until('an end', isFlat, 15_000).catch(() => assert.fail(`${times} more left ${JSON.stringify(grown)}`));
    });
});
