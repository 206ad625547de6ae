// A chat that its model no longer holds, on the built daemon: the constraint of its first turn, a fact of its third and a summary of
// the rest are in the request of its sixtieth, also after a restart; and there is none where summaries are switched off.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ChatMessages, ChatPin, ChatSend, type Message } from '../../../shared/protocol/index.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { RecordedRequest, ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { Home, until } from '../home.ts';
import { type LspClient, openEditor } from '../lsp-client.ts';

const said = ({ body }: RecordedRequest): string =>
  ((body as { messages?: { content: string }[] } | undefined)?.messages ?? []).map(({ content }) => content).join('\n');
const isSummary = (request: RecordedRequest): boolean => said(request).startsWith('You keep the notes');

describe('a chat of sixty turns with a model that holds few', () => {
  let server: ScriptedServer;
  let home: Home;
  let editor: LspClient;
  let chatId: string;

  const config = (summaries: string) => ({
    providers: {
      lab: { type: 'openai-compatible', baseUrl: server.url, models: [{ name: 'scripted', contextTokens: 4096 }] },
    },
    chat: { summaries },
  });

  before(async () => {
    server = await startOpenAiServer({
      reply: (request: RecordedRequest) => ({
        text: isSummary(request) ? 'They spoke of boats and their sails.' : `Noted. ${'a'.repeat(200)}`,
        usage: { input: 10, output: 5 },
      }),
    });
    home = new Home();
    home.configure(config('chat model'));
    editor = await openEditor(home);
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server.close();
  });

  async function ask(text: string): Promise<{ request: string; answer: Message | undefined }> {
    const sent = await editor.call(ChatSend, { text, ...(chatId && { chatId }) });
    ({ chatId } = sent);
    const request = server.requests.findLast((one) => said(one) !== '' && !isSummary(one));
    return {
      request: request ? said(request) : '',
      answer: (await editor.call(ChatMessages, { chatId, limit: 2 })).messages[1],
    };
  }
  const summaries = (): number => server.requests.filter(isSummary).length;

  it('has in its last request what is pinned, what bears on the question, and a summary, and says so in its record', async () => {
    await ask('Rule: never touch the file legacy.sql.');
    const [rule] = (await editor.call(ChatMessages, { chatId })).messages;
    await editor.call(ChatPin, { messageId: rule?.id ?? '', pinned: true });
    await ask('What is a mast?');
    await ask('By the way, the staging database listens on port 6543.');
    for (let turn = 4; turn < 60; turn++)
      await editor.call(ChatSend, { chatId, text: `Turn ${turn}: tell me of sails. ${'s'.repeat(120)}` });
    await until('a summary', () => summaries() > 0);
    const { request, answer } = await until('the summary in a prompt', async () => {
      const asked = await ask('Which port has the staging database?');
      return asked.answer?.context?.summary && asked;
    });
    assert.match(request, /to be kept in mind:\n\nI said:\nRule: never touch the file legacy\.sql\./);
    assert.match(request, /as a model summarised them[^\n]*\n```\nThey spoke of boats and their sails\.\n```/);
    assert.match(
      request,
      /Found again[\s\S]*the staging database listens on port 6543\.[\s\S]*Now:\n\nWhich port has the staging database\?$/,
    );
    const { context } = answer ?? {};
    assert.ok(context?.found && (context.summarised ?? 0) > 20 && context.pinned.length === 1, JSON.stringify(context));
    assert.deepEqual(context.summary, { text: 'They spoke of boats and their sails.', model: 'lab/scripted' });
    assert.ok(
      server.requests.filter(isSummary).every((one) => !said(one).includes('legacy.sql')),
      'no summariser is given what is pinned',
    );
    const { stdout } = await home.switchyard([
      'chat',
      'And again, which port has the staging database?',
      '--chat',
      chatId,
      '--json',
    ]);
    assert.ok(((JSON.parse(stdout) as { context: Message['context'] }).context?.found?.length ?? 0) > 0);
    assert.match(
      (await home.switchyard(['chat', 'Which port was it, of the staging database?', '--chat', chatId])).stderr,
      /of older messages \d+ found again, \d+ summarized/,
    );
    const sums = JSON.parse((await home.switchyard(['costs', '--by', 'chat', '--json'])).stdout) as {
      rows: { requests: number }[];
    };
    assert.equal(
      sums.rows[0]?.requests,
      server.requests.filter((one) => said(one) !== '').length,
      'summaries are counted with their chat',
    );
  });

  it('has all of it after a restart', async () => {
    await editor.leave();
    const before = home.daemonPid();
    await home.switchyard(['stop']);
    await until('the end of the daemon', () => home.daemonPid() !== before);
    editor = await openEditor(home);
    const { request, answer } = await ask('Please tell me the port of the staging database once more.');
    for (const part of [/Rule: never touch the file legacy\.sql/, /They spoke of boats/, /listens on port 6543/])
      assert.match(request, part);
    assert.ok((answer?.context?.summarised ?? 0) > 20);
  });

  it('has no summary any more, and no new one is made, once they are switched off', async () => {
    home.configure(config('off'));
    const made = await until('the configuration', async () => {
      const count = summaries();
      const { answer } = await ask(`Go on with sails. ${'s'.repeat(300)}`);
      return answer?.context?.summary === undefined && { count };
    });
    for (let turn = 0; turn < 8; turn++)
      await editor.call(ChatSend, { chatId, text: `Go on with sails ${turn}. ${'s'.repeat(300)}` });
    assert.equal(summaries(), made.count);
  });
});
