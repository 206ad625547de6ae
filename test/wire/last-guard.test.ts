// Whatever asks a model elsewhere passes one guard: no task of the daemon, as it is composed, sends a private key out.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'mocha';
import { ChatSend } from '../../shared/protocol/chat.ts';
import { CodeAction } from '../../shared/protocol/code.ts';
import { ReviewRun } from '../../shared/protocol/review.ts';
import { Search } from '../../shared/protocol/search.ts';
import { startOllamaServer } from '../fakes/provider-servers/ollama.ts';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { until } from '../process/home.ts';
import { type LoneDaemon, startAlone } from './alone.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const body = privateKey.split('\n').slice(1, -2);
const text = `export const deployKey = \`\n${privateKey}\`;\n`;
const uri = 'file:///src/deploy.ts';
const lines = text.trimEnd().split('\n');
const range = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
const diff = `diff --git a/deploy.ts b/deploy.ts\n--- a/deploy.ts\n+++ b/deploy.ts\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join('\n')}\n`;

/** A server that is no part of this machine: it is reached through a proxy, which it is itself. */
async function startCloud() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let sent = '';
    request.on('data', (chunk) => (sent += String(chunk)));
    request.on('end', () => {
      bodies.push(sent);
      if (request.url?.endsWith('/models')) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ data: [{ id: 'tiny' }, { id: 'short' }, { id: 'vectors' }] }));
        return;
      }
      if (request.url?.endsWith('/embeddings')) {
        response.setHeader('content-type', 'application/json');
        const { input } = JSON.parse(sent) as { input: string | string[] };
        const data = [input].flat().map((_, index) => ({ index, embedding: Array(8).fill(0.1) }));
        response.end(JSON.stringify({ data }));
        return;
      }
      response.setHeader('content-type', 'text/event-stream');
      const choices = [{ index: 0, delta: { content: 'ok' }, finish_reason: 'stop' }];
      response.end(`data: ${JSON.stringify({ choices })}\n\ndata: [DONE]\n\n`);
    });
  });
  server.on('connect', (_request, socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.emit('connection', socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { bodies, server, proxy: `http://127.0.0.1:${port}` };
}

describe('a private key', () => {
  let cloud: Awaited<ReturnType<typeof startCloud>>;
  let here: ScriptedServer;
  let alone: LoneDaemon;

  before(async () => {
    cloud = await startCloud();
    here = await startOllamaServer({ reply: 'A deploy key', models: [{ name: 'tiny', loadedTokens: 8192 }] });
    alone = startAlone();
    const models = ['tiny', { name: 'short', contextTokens: 4096 }, 'vectors'];
    alone.home.configure({
      providers: {
        cloud: { type: 'openai-compatible', baseUrl: 'http://cloud.test/v1', models },
        here: { type: 'ollama', baseUrl: here.url },
      },
      embedding: { model: 'cloud/vectors' },
      chat: { summaries: 'chat model' },
      network: { proxy: cloud.proxy },
    });
    await alone.client.initialize();
    alone.client.open(uri, text, 'typescript');
  });

  after(async () => {
    await alone[Symbol.asyncDispose]();
    await here.close();
    cloud.server.closeAllConnections();
    cloud.server.close();
  });

  const assertCleanSince = (from: number): void => {
    const sent = cloud.bodies.slice(from);
    assert.deepEqual(
      body.filter((line) => sent.some((each) => each.includes(line))),
      [],
    );
  };
  const isMasked = (sent: string): boolean => sent.includes('[redacted: private key]');

  const attachment = { uri, text, languageId: 'typescript' };
  const model = 'cloud/tiny';
  const tasks: Record<string, () => Promise<unknown>> = {
    'a question': () => alone.client.call(ChatSend, { text, model }),
    'an attached file': () =>
      alone.client.call(ChatSend, { text: 'explain', model, attachments: [{ kind: 'file', ...attachment }] }),
    'an attached selection': () =>
      alone.client.call(ChatSend, { text: 'why', model, attachments: [{ kind: 'selection', ...attachment, range }] }),
    'a review': () => alone.client.call(ReviewRun, { textDocument: { uri }, model }),
    'a review of a diff': () => alone.client.call(ReviewRun, { root: 'file:///src', diff, model }),
    'an inline action': () => alone.client.call(CodeAction, { kind: 'explain', textDocument: { uri }, range, model }),
    'a search by meaning': () => alone.client.call(Search, { query: text.slice(0, 900) }),
  };
  for (const [name, perform] of Object.entries(tasks)) {
    it(`leaves with no line in ${name}`, async () => {
      const from = cloud.bodies.length;
      await perform();
      const sent = cloud.bodies.slice(from);
      assert.ok(sent.some(isMasked), `${sent.length} requests: ${sent[0]}`);
      assertCleanSince(from);
    });
  }

  /** Sends the messages of one chat. */
  const chat = async (chatModel: string, [first = '', ...others]: readonly string[]): Promise<void> => {
    const { chatId } = await alone.client.call(ChatSend, { text: first, model: chatModel });
    for (const other of others) await alone.client.call(ChatSend, { chatId, text: other, model: chatModel });
  };
  const long = 'What does the crane do at night? '.repeat(180); // half of the short model's context

  /** What is asked of a cloud when nobody waits for it, and how it is known among the requests. */
  const background: Record<string, { mark: string; perform(): Promise<void> }> = {
    'the summary of a chat': {
      mark: 'You keep the notes of a conversation',
      perform: () => chat('cloud/short', [text, long, long, long]),
    },
    'the embedding of what was stored': {
      mark: '"input":',
      perform: () => chat(model, [`${long}\n${text}`]), // the router embeds a question's first 2000 characters alone
    },
  };
  for (const [name, { mark, perform }] of Object.entries(background)) {
    it(`leaves with no line in ${name}`, async () => {
      const from = cloud.bodies.length;
      await perform();
      await until(`${name} with a mask for the key`, () =>
        cloud.bodies.slice(from).some((each) => each.includes(mark) && isMasked(each)),
      );
      assertCleanSince(from);
    });
  }

  it('leaves with no line in the title of a chat, which a model of this machine makes', async () => {
    const from = cloud.bodies.length;
    const mark = 'Write a title for this conversation';
    const titles = () => here.chats.filter((request) => JSON.stringify(request.body).includes(mark));
    const before = titles().length;
    await chat(model, [text]);
    await until('a title', () => titles().length > before);
    assert.equal(cloud.bodies.filter((each) => each.includes(mark)).length, 0);
    assertCleanSince(from);
  });
});
