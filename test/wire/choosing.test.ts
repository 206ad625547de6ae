// What an editor may say and ask about choosing a model: a window's policy and budgets, why a model cannot be chosen, the record of
// a decision, outcomes that add up, and stopping an answer that another window began. The model is a scripted server.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChatMessages, ChatSend, ChatStop } from '../../shared/protocol/chat.ts';
import { CodeAction } from '../../shared/protocol/code.ts';
import { CostsSummary } from '../../shared/protocol/costs.ts';
import { DaemonDoctor, DaemonStatus } from '../../shared/protocol/daemon.ts';
import { ModelsList } from '../../shared/protocol/models.ts';
import { ProfileUpdate } from '../../shared/protocol/profiles.ts';
import { ReviewFix, ReviewRun } from '../../shared/protocol/review.ts';
import { RouterDecision, RouterOutcome } from '../../shared/protocol/router.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { Home } from '../process/home.ts';
import { failureOf, openEditor } from '../process/lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;

describe('choosing a model, over the wire', () => {
  let home: Home;
  let server: ScriptedServer;

  beforeEach(async () => {
    server = await startOpenAiServer({ reply: { text: 'An answer.', usage: { input: 10, output: 2 } } });
    home = new Home(configWith({}));
  });
  afterEach(async () => {
    await home[Symbol.asyncDispose]();
    await server.close();
  });

  const configWith = (more: object) => ({
    providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } },
    ...more,
  });
  const settings = (editor: Editor, switchyard: object) =>
    editor.notify('workspace/didChangeConfiguration', { settings: { switchyard } });

  async function decided(editor: Editor) {
    const {
      decision: { id = '' },
    } = await editor.call(ChatSend, { text: 'Why is the sky blue?' });
    return (await editor.call(RouterDecision, { id })).decision;
  }

  it('chooses by the policy of the window that asks, as it is when the request begins', async () => {
    const one = await openEditor(home, { switchyard: { policy: 'best' } });
    const other = await openEditor(home);
    assert.equal((await decided(one)).policy, 'best');
    assert.equal((await decided(other)).policy, 'local-first');
    settings(one, { policy: 'cheapest' });
    assert.equal((await decided(one)).policy, 'cheapest');
    settings(one, { policy: 'no-such-policy' });
    assert.equal((await decided(one)).policy, 'local-first', 'what is not known is ignored');
  });

  it("takes the window's model as the last level, as it is when the request begins, and leaves it out of the chat", async () => {
    const editor = await openEditor(home, { switchyard: { model: 'lab/scripted' } });
    const { chatId, decision } = await editor.call(ChatSend, { text: 'Why?' });
    assert.equal(decision.source, 'workspace');
    settings(editor, {});
    assert.equal((await editor.call(ChatSend, { chatId, text: 'And now?' })).decision.source, 'policy');
    settings(editor, { model: 'lab/scripted' });
    assert.deepEqual((await editor.call(ChatMessages, { chatId })).effective, {
      model: 'lab/scripted',
      source: 'workspace',
    });
  });

  it('asks the model of the nearest level for reviews, actions and fixes too, and says whose it is', async () => {
    home.configure({
      providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted', 'second', 'third'] } },
    });
    const editor = await openEditor(home, { switchyard: { model: 'lab/second' } });
    const [uri, range] = ['untitled:sum.txt', { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } }];
    editor.open(uri, 'one\n', 'plaintext');
    const chosen = async (model?: string) => {
      server.reply = {
        text: JSON.stringify({
          findings: [{ line: 1, quote: 'one', severity: 'error', category: 'style', message: 'Not a one.' }],
        }),
      };
      const review = await editor.call(ReviewRun, { textDocument: { uri }, ...(model && { model }) });
      server.reply = { text: 'two' };
      const fix = await editor.call(ReviewFix, { findingId: review.findings[0]?.id ?? '' });
      const action = await editor.call(CodeAction, {
        kind: 'explain',
        textDocument: { uri },
        range,
        ...(model && { model }),
      });
      return [review, fix, action].map(({ decision }) => `${decision?.model} ${decision?.source}`);
    };
    assert.deepEqual(await chosen(), Array(3).fill('lab/second workspace'));
    await editor.call(ProfileUpdate, { profileId: 'default', model: 'lab/third' });
    assert.deepEqual(await chosen(), Array(3).fill('lab/third profile'));
    assert.deepEqual(
      await chosen('lab/scripted'),
      ['lab/scripted message', 'lab/third profile', 'lab/scripted message'],
      'a fix takes no model with it',
    );
    await editor.call(ProfileUpdate, { profileId: 'default', model: null });
    settings(editor, {});
    assert.deepEqual(new Set((await chosen()).map((one) => one.split(' ')[1])), new Set(['policy']));
  });

  it('shows no model a file that is never shown, dropped on a view or not', async () => {
    const editor = await openEditor(home);
    const dropped = (name: string) =>
      editor.call(ChatSend, {
        text: 'Read.',
        attachments: [{ kind: 'file', uri: `dropped:${encodeURIComponent(name)}`, text: 'x' }],
      });
    for (const name of ['.env', 'a/b/id_rsa', '../.npmrc'])
      assert.equal((await failureOf(dropped(name))).data?.code, 'ignored-file', name);
    assert.equal((await dropped('notes.txt')).text, 'An answer.');
    assert.match(JSON.stringify(server.requests.at(-1)?.body), /cite it as path:line/);
  });

  it('lets no window lift "local-only"', async () => {
    home.configure(configWith({ routing: { policy: 'local-only' } }));
    assert.equal((await decided(await openEditor(home, { switchyard: { policy: 'best' } }))).policy, 'local-only');
  });

  it('holds the strictest budget of the configuration and the settings, while their window is open', async () => {
    home.configure(configWith({ budgets: { dayUsd: 2 } }));
    const other = await openEditor(home);
    const limits = async () =>
      (await other.call(CostsSummary, {})).budgets.map(({ name, limitUsd, state }) => [name, limitUsd, state]);
    const one = await openEditor(home, { switchyard: { budgets: { dayUsd: 5, monthUsd: 30 } } });
    assert.deepEqual(await limits(), [
      ['dayUsd', 2, 'ok'],
      ['monthUsd', 30, 'ok'],
    ]);
    settings(one, { budgets: { dayUsd: 0 } });
    await one.call(DaemonStatus, {}); // answered after the settings were read
    assert.deepEqual(await limits(), [['dayUsd', 0, 'stop']]);
    await one.leave();
    assert.deepEqual(await limits(), [['dayUsd', 2, 'ok']]);
  });

  it('says of each model whether it runs here and why it cannot be chosen', async () => {
    const cloud = { type: 'openai-compatible', baseUrl: 'https://models.invalid/v1', models: ['far'] };
    home.configure({
      localOnly: true,
      providers: { ...configWith({}).providers, cloud, keyless: { type: 'anthropic', models: ['claude'] } },
    });
    const { models } = await (await openEditor(home)).call(ModelsList, {});
    const about = Object.fromEntries(models.map(({ id, local, unavailable }) => [id, [local, unavailable]]));
    assert.deepEqual(about['lab/scripted'], [true, undefined]);
    assert.deepEqual(about['cloud/far'], [false, '"Local only" is on, and this model doesn\'t run on this machine.']);
    assert.equal(about['keyless/claude']?.[0], false);
  });

  it('keeps the record of a decision, and adds each outcome to it', async () => {
    const editor = await openEditor(home);
    const sent = await editor.call(ChatSend, { text: 'Explain a mutex.' });
    const id = sent.decision.id ?? '';
    await editor.call(RouterOutcome, { decisionId: id, keptEdit: true });
    await editor.call(RouterOutcome, { decisionId: id, thumbs: 'up' });
    const { decision } = await editor.call(RouterDecision, { id });
    assert.deepEqual(
      [decision.model, decision.task, decision.candidates.map(({ id: name, local }) => [name, local])],
      ['lab/scripted', 'explain', [['lab/scripted', true]]],
    );
    const { status, keptEdit, thumbs } = decision.outcome ?? {};
    assert.deepEqual({ status, keptEdit, thumbs }, { status: 'complete', keptEdit: true, thumbs: 'up' });
    const shown = await editor.call(ChatMessages, { chatId: sent.chatId });
    assert.deepEqual(
      shown.messages.map(({ role, thumbs: given }) => [role, given]),
      [
        ['user', undefined],
        ['assistant', 'up'],
      ],
    );
    await editor.call(RouterOutcome, { decisionId: id, thumbs: null });
    assert.deepEqual((await editor.call(RouterDecision, { id })).decision.outcome?.thumbs, undefined);
    assert.equal(
      (await failureOf(editor.call(RouterOutcome, { decisionId: 'gone', thumbs: 'up' }))).data?.code,
      'decision-not-found',
    );
  });

  it('stops an answer for whoever sees it, and leaves no work', async () => {
    server.reply = { text: 'one two three four', hold: { after: 2, until: new Promise(() => {}) } };
    const [asking, watching] = [await openEditor(home), await openEditor(home)];
    const asked = asking.ask(ChatSend, { text: 'Never end.' });
    const first = await asked.parts.find('the decision', ({ kind }) => kind === 'decision');
    await asked.parts.find('a text', ({ kind }) => kind === 'text');
    const chatId = first.kind === 'decision' ? first.chatId : '';
    assert.deepEqual((await watching.call(DaemonStatus, {})).answering, [{ chatId, model: 'lab/scripted' }]);
    const failed = failureOf(asked.result);
    assert.deepEqual(await watching.call(ChatStop, { chatId }), { stopped: true });
    await server.closedEarly();
    assert.equal((await failed).code, -32_800);
    const { messages } = await watching.call(ChatMessages, { chatId });
    assert.deepEqual(
      messages.map(({ status }) => status),
      ['complete', 'cancelled'],
    );
    assert.deepEqual((await watching.call(DaemonStatus, {})).answering, []);
    assert.deepEqual(await watching.call(ChatStop, { chatId }), { stopped: false });
  });

  it("has a doctor's row for each provider, with what to do", async () => {
    const silent = { type: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', models: ['x'] };
    home.configure({ providers: { ...configWith({}).providers, silent, keyless: { type: 'anthropic' } } });
    const { checks } = await (await openEditor(home)).call(DaemonDoctor, {});
    const rows = checks
      .filter(({ name }) => name === 'provider')
      .map(({ ok, detail, fix }) => ({ ok, name: detail.split(':')[0], fix: fix !== undefined }));
    assert.deepEqual(rows, [
      { ok: true, name: 'lab', fix: false },
      { ok: false, name: 'silent', fix: true },
      { ok: false, name: 'keyless', fix: true },
    ]);
    assert.match(
      checks.find(({ detail }) => detail.startsWith('lab:'))?.detail ?? '',
      /connected in \d+ ms.*no API key needed.*1 model/,
    );
  });
});
