// Standard LSP, as any editor speaks it: text sync, findings as diagnostics, the light bulb, edits bound to versions.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Command, CodeAction as LspCodeAction } from 'vscode-languageserver';
import { CodeAction } from '../../shared/protocol/code.ts';
import type { Params } from '../../shared/protocol/define.ts';
import { CodeActionResolve, CodeActions, Diagnostics } from '../../shared/protocol/lsp.ts';
import {
  ReviewCurrent,
  ReviewDismiss,
  ReviewDismissed,
  ReviewFix,
  ReviewRun,
  ReviewUndismiss,
} from '../../shared/protocol/review.ts';
import { scriptedJson } from '../fakes/gguf.ts';
import { failureOf, type LspClient } from '../process/lsp-client.ts';
import { type LoneDaemon, startAlone } from './alone.ts';

const text = 'one\r\nlet last = items[items.length];\r\nthree 😀 four\r\n';
const quote = 'items[items.length]';
const replacement = 'items[items.length - 1]';
const finding = {
  line: 2,
  quote,
  severity: 'error',
  category: 'correctness',
  message: 'Reads one past the end.',
  replacement,
  confidence: 0.9,
};
const at = (line: number, from: number, to = from) => ({
  start: { line, character: from },
  end: { line, character: to },
});

type Diagnostic = Params<typeof CodeActions>['context']['diagnostics'][number];
interface Published {
  uri: string;
  version: number;
  diagnostics: Diagnostic[];
}

describe('documents and diagnostics', () => {
  let alone: LoneDaemon;
  let client: LspClient;
  let count = 0;

  before(async () => {
    alone = startAlone(scriptedJson({ findings: [finding] }));
    client = alone.client;
    await client.initialize({
      capabilities: {
        textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } } },
      },
    });
  });
  after(() => alone[Symbol.asyncDispose]());

  /** A document of its own, reviewed. */
  async function reviewed(): Promise<{ uri: string; findingId: string }> {
    const uri = `untitled:document-${++count}`;
    client.open(uri, text, 'plaintext'); // of no analyser
    const { findings } = await client.call(ReviewRun, { textDocument: { uri } });
    assert.equal(findings.length, 1);
    return { uri, findingId: findings[0]?.id ?? '' };
  }
  const published = (uri: string, version: number): Promise<Published> =>
    client.notified<Published>(
      'textDocument/publishDiagnostics',
      (params) => params.uri === uri && params.version === version,
    );

  it("a review's findings are published, and the same ones are there to be pulled", async () => {
    const { uri, findingId } = await reviewed();
    const { diagnostics } = await published(uri, 1);
    assert.deepEqual(diagnostics, [
      { range: at(1, 11, 30), severity: 1, source: 'switchyard', message: finding.message, data: { findingId } },
    ]);
    assert.deepEqual(await client.call(Diagnostics, { textDocument: { uri } }), { kind: 'full', items: diagnostics });
  });

  it('edits move them: several in one change, with CRLF and characters outside the first plane', async () => {
    const { uri } = await reviewed();
    client.change(
      uri,
      2,
      { range: at(2, 8, 9), text: '😀😀' },
      { range: at(0, 3), text: '\r\nnew' },
      { range: at(2, 0, 3), text: 'var' },
    );
    const { diagnostics } = await published(uri, 2);
    assert.deepEqual(
      diagnostics.map(({ range }) => range),
      [at(2, 11, 30)],
    );
    client.change(uri, 3, { text: `${quote}\n` });
    assert.deepEqual(
      (await published(uri, 3)).diagnostics.map(({ range }) => range),
      [at(0, 0, 19)],
    );
    client.change(uri, 4, { text: 'gone' });
    assert.deepEqual((await published(uri, 4)).diagnostics, [], 'a finding goes with its code');
  });

  it('several are one review, each of them once, and none that is not open', async () => {
    const uris = [`untitled:document-${++count}`, `untitled:document-${++count}`];
    for (const uri of uris) client.open(uri, text, 'plaintext');
    const [one = '', other = ''] = uris;
    const files = [one, other, one].map((uri) => ({ uri }));
    const { findings } = await client.call(ReviewRun, { files });
    assert.deepEqual(
      findings.map(({ uri }) => uri),
      uris,
    );
    for (const uri of uris)
      assert.equal((await client.call(ReviewCurrent, { textDocument: { uri } })).findings.length, 1);
    const closed = { uri: 'untitled:nobody' };
    assert.equal(
      (await failureOf(client.call(ReviewRun, { files: [{ uri: one }, closed] }))).data?.code,
      'document-not-open',
    );
  });

  it('a document that was closed has none, and a closed one cannot be reviewed', async () => {
    const { uri } = await reviewed();
    client.notify('textDocument/didClose', { textDocument: { uri } });
    assert.deepEqual(await client.call(Diagnostics, { textDocument: { uri } }), { kind: 'full', items: [] });
    assert.equal((await failureOf(client.call(ReviewRun, { textDocument: { uri } }))).data?.code, 'document-not-open');
    client.open(uri, text, 'plaintext'); // of no analyser
    client.notifications.items.length = 0;
    assert.equal((await published(uri, 1)).diagnostics.length, 1, 'opened again, it shows what is known of it');
  });

  it('a dismissed finding goes, and stays away in later reviews', async () => {
    const { uri, findingId } = await reviewed();
    await published(uri, 1);
    client.notifications.items.length = 0;
    await client.call(ReviewDismiss, { findingId });
    assert.deepEqual((await published(uri, 1)).diagnostics, []);
    const { findings, suppressed } = await client.call(ReviewRun, { textDocument: { uri } });
    assert.deepEqual([findings.length, suppressed.dismissed], [0, 1]);
  });

  it('a dismissed finding is listed with the reason, and back when the dismissal is taken back', async () => {
    const { uri, findingId } = await reviewed();
    await client.call(ReviewDismiss, { findingId, reason: 'on purpose' });
    const own = async () =>
      (await client.call(ReviewDismissed, {})).dismissed.filter(({ finding }) => finding.uri === uri);
    assert.deepEqual(
      (await own()).map(({ finding, reason }) => [finding.id, reason]),
      [[findingId, 'on purpose']],
    );
    client.notifications.items.length = 0;
    assert.equal((await client.call(ReviewUndismiss, { findingId })).finding.id, findingId);
    assert.equal((await published(uri, 1)).diagnostics.length, 1);
    assert.deepEqual(await own(), []);
    assert.equal((await client.call(ReviewRun, { textDocument: { uri } })).findings.length, 1);
  });

  it('findings are there to ask for, as after a reload, until they are dismissed', async () => {
    const { uri, findingId } = await reviewed();
    const own = async () => (await client.call(ReviewCurrent, { textDocument: { uri } })).findings.map(({ id }) => id);
    assert.deepEqual(await own(), [findingId]);
    client.notify('textDocument/didClose', { textDocument: { uri } });
    assert.deepEqual(await own(), [findingId], 'also before the file is open');
    await client.call(ReviewDismiss, { findingId });
    assert.deepEqual(await own(), []);
  });

  it('every row of the light bulb carries an edit or a command, never both, and resolves to itself', async () => {
    const { uri, findingId } = await reviewed();
    const { diagnostics } = await published(uri, 1);
    const foreign: Diagnostic = { range: at(1, 0, 3), message: 'let is never reassigned', source: 'linter' };
    const actions = (await client.call(CodeActions, {
      textDocument: { uri },
      range: at(1, 0, 30),
      context: { diagnostics: [...diagnostics, foreign] },
    })) as LspCodeAction[];
    assert.ok(actions.length > 4);
    for (const action of actions) {
      assert.notEqual(action.edit === undefined, action.command === undefined, action.title);
      assert.deepEqual(await client.call(CodeActionResolve, { ...action }), action);
    }
    const suggested = actions.find(({ edit }) => edit);
    assert.deepEqual(suggested?.edit, {
      documentChanges: [{ textDocument: { uri, version: 1 }, edits: [{ range: at(1, 11, 30), newText: replacement }] }],
    });
    assert.ok(suggested.isPreferred);
    assert.deepEqual(
      suggested.diagnostics?.map(({ data }) => data),
      [{ findingId }],
    );
    const fixes = (await client.call(CodeActions, {
      textDocument: { uri },
      range: at(1, 0, 30),
      context: { diagnostics, only: ['quickfix'] },
    })) as LspCodeAction[];
    assert.ok(fixes.length > 0 && fixes.every(({ kind }) => kind === 'quickfix'));
    const elsewhere = { textDocument: { uri }, range: at(0, 0), context: { diagnostics: [] } };
    assert.deepEqual(
      ((await client.call(CodeActions, elsewhere)) as LspCodeAction[]).map(({ command }) => command?.command),
      ['switchyard.review'],
      'where there is nothing, only a review of the file is offered',
    );
  });

  it('a fix is bound to the version it was made for', async () => {
    const { uri, findingId } = await reviewed();
    client.change(uri, 2, { range: at(0, 0), text: '\n' });
    const { edit, version } = await client.call(ReviewFix, { findingId });
    assert.equal(version, 2);
    assert.deepEqual(edit, {
      documentChanges: [{ textDocument: { uri, version: 2 }, edits: [{ range: at(2, 11, 30), newText: replacement }] }],
    });
    client.change(uri, 3, { text: 'gone' });
    assert.equal((await failureOf(client.call(ReviewFix, { findingId }))).data?.code, 'finding-stale');
  });

  it('what was asked about another version is refused', async () => {
    const { uri } = await reviewed();
    const refused = await failureOf(
      client.call(CodeAction, { kind: 'explain', textDocument: { uri, version: 7 }, range: at(1, 0, 3) }),
    );
    assert.deepEqual(refused.data, { code: 'document-moved', retryable: true });
  });
});

describe('an editor that takes commands only', () => {
  it('is offered commands, as in LSP 3.7', async () => {
    await using alone = startAlone();
    await alone.client.initialize();
    alone.client.open('untitled:1', text);
    const offered = (await alone.client.call(CodeActions, {
      textDocument: { uri: 'untitled:1' },
      range: at(1, 0, 3),
      context: { diagnostics: [] },
    })) as Command[];
    assert.ok(offered.length > 0);
    for (const { command, title } of offered) assert.ok(typeof command === 'string' && title !== '');
  });
});
