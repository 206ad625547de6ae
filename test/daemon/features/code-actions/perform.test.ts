// Inline actions with a scripted model: the edit or text that comes of an answer, and the answers that are refused.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import { type ActionRequest, createActions } from '../../../../daemon/features/code-actions/perform.ts';
import { createIgnore } from '../../../../daemon/ignore/ignore.ts';
import {
  editFormsWith,
  editGate,
  modelsOf,
  openGate,
  routerTo,
  type Script,
  ScriptedProvider,
  snippetOf,
  strictLog,
} from '../pipeline/parts.ts';

const snippet = snippetOf('class A {\r\n    add(a, b) {\r\n        return a - b;\r\n    }\r\n}\r\n');
const range = { start: { line: 2, character: 15 }, end: { line: 3, character: 0 } };

function perform(
  script: Script | undefined,
  over: Partial<ActionRequest> = {},
  options: { signal?: AbortSignal; onText?(text: string): void; onThought?(): void; contextTokens?: number } = {},
) {
  const { signal = new AbortController().signal, contextTokens, onText, onThought } = options;
  const provider = script && new ScriptedProvider(script);
  const actions = createActions({
    models: modelsOf(routerTo(provider, contextTokens)),
    gate: openGate,
    ignore: createIgnore({ ownFolders: [] }),
    edits: editGate,
    forms: editFormsWith(),
    log: strictLog,
  });
  return {
    provider,
    result: actions.perform(
      { profile: 'default', kind: 'fix', snippet, range, ...over },
      { signal, ...(onText && { onText }), ...(onThought && { onThought }) },
    ),
  };
}

const refused = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

describe('an inline action', () => {
  it('replaces whole lines, in the indentation and line endings of the document', async () => {
    const { decision, ...result } = await perform(['```js\nif (b === 0) return a;\n', 'return a + b;\n```']).result;
    assert.deepEqual(result, {
      edits: [
        {
          range: { start: { line: 2, character: 0 }, end: { line: 2, character: 21 } },
          newText: '        if (b === 0) return a;\r\n        return a + b;',
        },
      ],
    });
    assert.equal(decision.model, 'lab/tiny');
  });

  it('tells the model what was reported, and shows it the code around', async () => {
    const { provider, result } = perform(['return a + b;'], { diagnostic: 'Subtracts.' });
    await result;
    const prompt = provider?.requests[0]?.messages[1]?.content ?? '';
    for (const part of ['Reported about them: Subtracts.', 'class A {', 'Lines 3 to 3, to rewrite:'])
      assert.ok(prompt.includes(part), part);
  });

  it('streams and returns a text when it explains', async () => {
    const heard: string[] = [];
    const { text, edits } = await perform(
      ['It ', 'subtracts.'],
      { kind: 'explain' },
      { onText: (text) => heard.push(text) },
    ).result;
    assert.deepEqual([text, edits, heard], ['It subtracts.', undefined, ['It ', 'subtracts.']]);
  });

  for (const kind of ['fix', 'improve', 'document', 'tests'] as const)
    it(`streams what it writes for ${kind}, and says when that was thinking`, async () => {
      const heard: string[] = [];
      await perform(
        ['Hm: ', { kind: 'thought' }, 'return a ', '+ b;'],
        { kind },
        { onText: (text) => heard.push(text), onThought: () => heard.push('thought') },
      ).result;
      assert.deepEqual(heard, ['Hm: ', 'thought', 'return a ', '+ b;']);
    });

  it('does what the user asks in their own words', async () => {
    const { provider, result } = perform(['return b - a;'], { kind: 'ask', instruction: 'Swap them.' });
    assert.equal((await result).edits?.[0]?.newText, '        return b - a;');
    assert.match(provider?.requests[0]?.messages[1]?.content ?? '', /in these lines alone:\nSwap them\./);
  });

  it('writes on an empty line', async () => {
    const place = { line: 1, character: 0 };
    const over = { snippet: snippetOf('a();\n\nc();\n'), range: { start: place, end: place } };
    const { result } = perform(['```\nb();\n```'], { kind: 'ask', instruction: 'Call b.', ...over });
    assert.deepEqual((await result).edits, [{ range: over.range, newText: 'b();' }]);
  });

  it('lets the model vary where another answer is wanted', async () => {
    const temperatures = [false, true].map(async (isRetry) => {
      const { provider, result } = perform(['return b - a;'], { kind: 'ask', instruction: 'Swap them.', isRetry });
      await result;
      return provider?.requests[0]?.temperature;
    });
    assert.deepEqual(await Promise.all(temperatures), [0, 0.8]);
  });

  const told = { instruction: 'Swap them.', code: '        return b - a;' };

  it('follows up on what was asked and written before', async () => {
    const over = { kind: 'ask', instruction: 'Add them instead.', turns: [told] } as const;
    const { provider, result } = perform(['return b + a;'], over);
    assert.equal((await result).edits?.[0]?.newText, '        return b + a;');
    const [, asked, answered, followed] = provider?.requests[0]?.messages ?? [];
    assert.match(String(asked?.content), /Lines 3 to 3, to rewrite:.*in these lines alone:\nSwap them\.$/s);
    assert.deepEqual(answered, { role: 'assistant', content: '```\n        return b - a;\n```' });
    assert.match(String(followed?.content), /^Add them instead\.\nAnswer with the new text/);
  });

  it('tells the model which answer is not wanted, and says so where it gives it again', async () => {
    const over = { kind: 'ask', instruction: 'Swap them.', turns: [told], isRetry: true } as const;
    const { provider, result } = perform(['return -(a - b);'], over);
    assert.equal((await result).note, undefined);
    const { messages = [], temperature } = provider?.requests[0] ?? {};
    assert.match(String(messages.at(-1)?.content), /^This isn't what I want\./);
    assert.deepEqual([messages.length, temperature], [4, 0.8]);
    assert.match((await perform(['return b - a;'], over).result).note ?? '', /gave the same answer again/);
  });

  it('leaves out answers that no longer fit, and keeps what was asked', async () => {
    const turns = [
      { instruction: 'Swap them.', code: 'x'.repeat(20_000) },
      { instruction: 'Shorter.', code: 'y' },
    ];
    const over = { kind: 'ask', instruction: 'Once more.', turns } as const;
    const { provider, result } = perform(['return b - a;'], over);
    await result;
    const contents = provider?.requests[0]?.messages.map(({ content }) => String(content)) ?? [];
    assert.deepEqual([contents.length, contents.join().includes('xxx')], [4, false]);
    assert.match(contents[1] ?? '', /Swap them\.\nShorter\.$/);
  });

  it('says where the text goes before it comes, and in which form', async () => {
    const heard: unknown[] = [];
    const provider = new ScriptedProvider(['return a + b;']);
    const actions = createActions({
      models: modelsOf(routerTo(provider)),
      gate: openGate,
      ignore: createIgnore({ ownFolders: [] }),
      edits: editGate,
      forms: editFormsWith(),
      log: strictLog,
    });
    await actions.perform(
      { profile: 'default', kind: 'fix', snippet, range },
      {
        signal: new AbortController().signal,
        onPlace: (place) => heard.push(place),
        onFormat: (format) => heard.push(format),
        onText: (text) => heard.push(text),
      },
    );
    const lines = { start: { line: 2, character: 0 }, end: { line: 2, character: 21 } };
    assert.deepEqual(heard, [{ uri: snippet.uri, range: lines, isInsertion: false }, 'function', 'return a + b;']);
  });

  it('asks no model where the user has said nothing', async () => {
    const { provider, result } = perform(['x'], { kind: 'ask' });
    await assert.rejects(result, refused('no-instruction'));
    assert.equal(provider?.requests.length, 0);
  });

  it('passes on what the provider warned of', async () => {
    const result = await perform([{ kind: 'warning', message: 'no temperature here' }, 'x'], { kind: 'explain' })
      .result;
    assert.equal(result.note, 'lab/tiny: no temperature here');
  });

  const refusals: [string, string, Script][] = [
    ['unchanged code', 'nothing-to-change', ['```\nreturn a - b;\n```']],
    ['an empty answer', 'unusable-answer', [' \n']],
    ['half of an answer', 'answer-cut-off', ['return a', { kind: 'finish', reason: 'length' }]],
  ];
  for (const [what, code, script] of refusals) {
    it(`refuses ${what}`, () => assert.rejects(perform(script).result, refused(code)));
  }

  const notApplied: [string, RegExp, string][] = [
    ['prose', /has sentences/, 'I cannot help with this.'],
    ['several pieces of code', /several code blocks/, '```\na\n```\n```\nb\n```'],
    ['a diff', /is a diff/, '```diff\n-        return a - b;\n+        return a + b;\n```'],
    ['a part of the file', /repeats code/, '```\nclass A {\n        return a + b;\n}\n```'],
    ['code that does not parse', /doesn't parse/, '```\nreturn (a + b;\n```'],
  ];
  for (const [what, why, answer] of notApplied) {
    it(`shows ${what} as a text to read, and says why it was not applied`, async () => {
      const { edits, text, note } = await perform([answer]).result;
      assert.deepEqual([edits, text?.includes(answer)], [undefined, true]);
      assert.match(note ?? '', why);
    });
  }

  it('takes the new lines out of the whole file', async () => {
    const answer = '```\nclass A {\n    add(a, b) {\n        return a + b;\n    }\n}\n```';
    assert.equal((await perform([answer]).result).edits?.[0]?.newText, '        return a + b;');
  });

  it('refuses an edit that would put the placeholder of a secret in the place of the secret', async () => {
    const withKey = {
      snippet: snippetOf('const a = 1;\nconst key = "ghp_1234";\n'),
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 5 } },
    };
    for (const answer of ['const key = "[redacted: GitHub token]";', 'const key = "[REDACTED]";']) {
      await assert.rejects(
        perform([answer], withKey).result,
        (error: unknown) =>
          refused('redacted-answer')(error) && /choose a model on this machine/.test((error as UserError).message),
      );
    }
    assert.equal((await perform(['const key = process.env.KEY;'], withKey).result).edits?.length, 1);
    const written = { ...withKey, snippet: snippetOf('const a = 1;\nconst text = "[redacted: GitHub token]"\n') };
    assert.equal(
      (await perform(['const text = "[redacted: GitHub token]";'], written).result).edits?.length,
      1,
      "text of the document's own may stay",
    );
  });

  it('refuses more code than the model can read', () =>
    assert.rejects(
      perform(['x'], { snippet: snippetOf('x'.repeat(5000)) }, { contextTokens: 1000 }).result,
      refused('selection-too-large'),
    ));
  it('says that no model is configured', () => assert.rejects(perform(undefined).result, refused('no-model')));

  it('leaves no work behind when cancelled', async () => {
    const controller = new AbortController();
    const { provider, result } = perform(
      ['It ', 'hang'],
      { kind: 'explain' },
      { signal: controller.signal, onText: () => controller.abort() },
    );
    await assert.rejects(result, CancelledError);
    assert.equal(provider?.open, 0);
  });
});
