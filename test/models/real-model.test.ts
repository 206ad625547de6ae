// What a person does with a real model, through the built program: the smallest of the catalogue, on this machine's processor.
// What it says is not judged, since so small a model says anything: that it was asked rightly, and that its answers arrive, is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { AgentRun } from '../../shared/protocol/agent.ts';
import { ChatSend } from '../../shared/protocol/chat.ts';
import { CodeAction } from '../../shared/protocol/code.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { JobsGet } from '../../shared/protocol/jobs.ts';
import { ModelsList } from '../../shared/protocol/models.ts';
import { ReviewRun } from '../../shared/protocol/review.ts';
import { Search } from '../../shared/protocol/search.ts';
import { Home, until } from '../process/home.ts';
import { failureOf, openEditor } from '../process/lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;
type Asking = ReturnType<Editor['ask']>;

const file = process.env['SWITCHYARD_TEST_MODEL'] ?? '';
const answerLimitMs = 60_000;
const long = 'Tell me a long story of a lighthouse keeper, with many details, in twenty paragraphs.';
const code = 'export function add(a: number, b: number): number {\n  return a - b;\n}\n';

describe('a real model', function () {
  this.timeout(120_000);
  let home: Home;
  let editor: Editor;
  let other: Editor;
  let uri: string;

  before(async () => {
    assert.ok(file, 'Run this with `npm run test:models`, which fetches the model.');
    // The likeliest word each time: so small a model otherwise loses itself now and then.
    const localSettings = { '*': { temperature: 0 } };
    home = new Home({ localModels: [file], localSettings, routing: { policy: 'local-only' } });
    const path = home.project('work', 'add.ts');
    writeFileSync(path, code);
    uri = pathToFileURL(path).href;
    const folder = pathToFileURL(home.project('work')).href;
    editor = await openEditor(home, { folder, switchyard: { workspaceTrusted: true } });
    other = await openEditor(home, { name: 'another editor', folder });
    editor.open(uri, code, 'typescript');
  });
  after(() => home[Symbol.asyncDispose]());

  const firstText = (asking: { parts: { find: Asking['parts']['find'] } }) =>
    asking.parts.find('its first text', (part) => (part as { kind: string }).kind === 'text', answerLimitMs);

  it('is listed with its size, its context window and what it can do', async () => {
    const { models } = await editor.call(ModelsList, {});
    const model = models.find(({ local }) => local);
    assert.equal(model?.contextTokens, 8192);
    assert.equal(model?.bytes, 98_362_432);
    assert.equal(model?.capabilities.chat, true);
  });

  it('answers a chat with a sentence that ends by itself', async () => {
    const answer = await editor.call(ChatSend, { text: 'What is the capital of France? Answer in one sentence.' });
    assert.match(answer.text, /Paris/);
    assert.equal(answer.finishReason, 'stop');
    assert.ok(answer.usage.output > 0);
  });

  it('is driven as an agent: each of its turns is a call or an answer, and it ends by itself, at a limit, or where it repeats itself', async () => {
    const run = editor.ask(AgentRun, { task: 'Which files are there?', mode: 'plan', maxRounds: 4 });
    const { outcome, why, jobId } = await run.result;
    assert.ok(outcome === 'done' || /^Stopped|repeated itself, so the answer was stopped/.test(why ?? ''), why);
    const { job } = await editor.call(JobsGet, { jobId });
    const turns = job.stages.filter(({ name }) => name.startsWith('turn'));
    assert.ok(turns.length > 0);
    for (const { detail } of turns) assert.match(detail, /^(Answered|Calls \w+|Says something, and calls \w+)\.$/);
    assert.ok((turns[0]?.tokens?.input ?? 0) <= 1500, 'the whole first prompt');
  });

  it('stops when it is told to, and answers the next question', async () => {
    const asked = editor.ask(ChatSend, { text: long });
    await firstText(asked);
    asked.cancel();
    assert.equal((await failureOf(asked.result)).code, -32_800);
    assert.deepEqual((await editor.call(DaemonStatus, {})).running, []);
    assert.notEqual((await editor.call(ChatSend, { text: 'Say hello.' })).text, '');
  });

  it('answers two windows at once: both begin before either ends', async () => {
    const asked = [editor.ask(ChatSend, { text: long }), other.ask(ChatSend, { text: `Please: ${long}` })];
    let ended = 0;
    for (const { result } of asked) result.catch(() => {}).finally(() => ended++);
    await Promise.all(asked.map(firstText));
    assert.equal(ended, 0);
    for (const { cancel, result } of asked) {
      cancel();
      await failureOf(result);
    }
  });

  it('reads only what is new of two chats that take turns', async () => {
    const send = (name: string, chatId?: string) =>
      editor.call(ChatSend, { text: `My name is ${name}. Reply with one word.`, ...(chatId && { chatId }) });
    const [ada, bob] = [await send('Ada'), await send('Bob')];
    for (const [name, { chatId, usage }] of [
      ['Ada', ada],
      ['Bob', bob],
    ] as const) {
      const next = await send(`still ${name}`, chatId);
      const before = usage.input + usage.cacheRead;
      assert.ok(next.usage.cacheRead >= before * 0.9, `${next.usage.cacheRead} of ${before} tokens were kept`);
    }
  });

  it('reviews a file: its answer has the form that the review asks for', async () => {
    const { coverage } = await editor.call(ReviewRun, { textDocument: { uri } });
    const seen = coverage.find(({ by }) => by.startsWith('local/'));
    // So small a model may copy the example, which can be told of a well-formed answer alone.
    if (seen?.state !== 'read') assert.match(seen?.why ?? 'no model was asked', /only repeated the example/);
  });

  it('reviews code with a flaw, and gives no all-clear that its reading has not earned', async () => {
    const flawed = 'export function last(list: number[]): number {\n  return list[list.length];\n}\n';
    const path = home.project('work', 'last.ts');
    writeFileSync(path, flawed);
    const flawedUri = pathToFileURL(path).href;
    editor.open(flawedUri, flawed, 'typescript');
    const { findings, coverage, summary } = await editor.call(ReviewRun, { textDocument: { uri: flawedUri } });
    for (const { evidence } of findings) assert.ok(flawed.includes(evidence), evidence);
    const isRead = coverage.some(({ by, state }) => by.startsWith('local/') && state === 'read');
    assert.ok(isRead || !/^No findings/.test(summary), summary);
    if (!isRead) assert.match(summary, /Not reviewed|Not checked by|Only partly checked by/);
  });

  it('explains code, or says that its explanation has no end', async () => {
    const range = { start: { line: 0, character: 0 }, end: { line: 2, character: 1 } };
    const asked = editor.call(CodeAction, { kind: 'explain', textDocument: { uri }, range });
    const said = await asked.then(
      ({ text }) => text ?? '',
      (error: Error) => error.message,
    );
    // So small a model may repeat itself until it is stopped.
    assert.match(said, /\badd\b|SmolLM2\S* stopped before finishing/);
  });

  it('is found again by the words of its answer', async () => {
    const { hits } = await other.call(Search, { query: 'Paris', in: ['chats'], meaning: false });
    assert.ok(hits.some(({ snippet }) => /Paris/.test(snippet)));
  });
});

describe('an answer that a real model was cut off in', function () {
  this.timeout(120_000);
  let home: Home;
  let editor: Editor;

  before(async () => {
    const localSettings = { '*': { temperature: 0, maxOutputTokens: 48 } };
    home = new Home({ localModels: [file], localSettings, routing: { policy: 'local-only' } });
    editor = await openEditor(home);
  });
  after(() => home[Symbol.asyncDispose]());

  it('is continued, and next to nothing of it is read again', async () => {
    const cut = await editor.call(ChatSend, { text: long });
    assert.equal(cut.finishReason, 'length');
    const { chatId, messageId } = cut;
    const grown = await editor.call(ChatSend, { chatId, text: '', continueOf: messageId });
    assert.equal(grown.messageId, messageId);
    assert.ok(grown.text.startsWith(cut.text) && grown.text.length > cut.text.length, grown.text);
    assert.ok(grown.usage.output > cut.usage.output);
    const [first, second] = [cut.usage, grown.usage].map(({ input, cacheRead }) => ({ input, cacheRead }));
    const [read, kept] = [
      (second?.input ?? 0) - (first?.input ?? 0),
      (second?.cacheRead ?? 0) - (first?.cacheRead ?? 0),
    ];
    assert.ok(kept > 0 && read <= kept * 0.1, `${read} tokens were read, ${kept} were kept`);
  });
});

describe('code by a real model in every role', function () {
  this.timeout(300_000);
  let home: Home;

  before(() => {
    const localSettings = { '*': { temperature: 0, maxOutputTokens: 96 } };
    home = new Home({ localModels: [file], localSettings, routing: { policy: 'local-only' } });
  });
  after(() => home[Symbol.asyncDispose]());

  it('passes the tests, or leaves the file as it was and says why', async () => {
    const before = 'exports.sum = (a, b) => a - b;\n';
    const [written, check] = [home.project('write', 'sum.js'), home.project('write', 'check.js')];
    writeFileSync(written, before);
    writeFileSync(check, "require('node:assert').equal(require('./sum.js').sum(2, 3), 5);\n");
    await home.switchyard(['trust', '.'], '', dirname(written));
    const asked = ['write', 'Return the sum of a and b', 'sum.js', '--yes', '--test', 'node check.js'];
    const { stderr } = await home.switchyard(asked, '', dirname(written));
    if (readFileSync(written, 'utf8') === before)
      assert.match(stderr, /wasn't written|Nothing can be applied|^error: /m);
    else assert.equal(spawnSync(process.execPath, [check]).status, 0, stderr);
    assert.doesNotMatch(stderr, /internal error|\n {4}at /i);
  });
});

describe('a chat that a real model no longer holds', function () {
  this.timeout(240_000);
  let home: Home;
  let editor: Editor;

  before(async () => {
    const localSettings = { '*': { temperature: 0, contextTokens: 1024, maxOutputTokens: 32 } };
    home = new Home({ localModels: [file], localSettings, routing: { policy: 'local-only' } });
    editor = await openEditor(home);
  });
  after(() => home[Symbol.asyncDispose]());

  it('is summarized by that model while nobody asks, and its next prompt says so', async () => {
    let chatId: string | undefined;
    const ask = async (text: string) => {
      const answer = await editor.call(ChatSend, { text, ...(chatId && { chatId }) });
      ({ chatId } = answer);
      return answer;
    };
    for (const subject of ['the harbor', 'the lighthouse', 'the ferry', 'the market', 'the school'])
      await ask(`Remember what I say of ${subject}. ${`People of the village are proud of ${subject}. `.repeat(15)}`);
    const isMade = (): boolean => readFileSync(home.paths.logFile, 'utf8').includes('a summary was made');
    await until('a summary', isMade, 120_000);
    const { context } = await ask('What did I tell you about?');
    assert.ok((context?.summarised ?? 0) > 0, JSON.stringify(context));
    assert.match(context?.summary?.model ?? '', /^local\//);
  });
});
