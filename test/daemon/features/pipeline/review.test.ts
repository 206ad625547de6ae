// A review through its public face, with a scripted model: what is kept, what is held back, and what happens when things fail.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import { textIn } from '../../../../daemon/base/snippet.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { answerWith, benchWith, FindingsInMemory, ScriptedProvider, snippetOf } from './parts.ts';

const sum = snippetOf('export function sum(a: number, b: number) {\n  return a - b;\n}\n');
const wrong = { line: 2, quote: 'return a - b;', message: 'Subtracts instead of adding.' };
const isUserError = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

describe('a review', () => {
  it('shows each finding while the model is still writing', async () => {
    const answer = answerWith(wrong, { line: 1, quote: 'function sum', message: 'Second.' });
    const end = answer.indexOf('},{') + 1;
    const controller = new AbortController();
    const bench = benchWith({ provider: new ScriptedProvider([answer.slice(0, end), 'hang']) });
    const shown: string[] = [];
    const onFinding = ({ message }: { message: string }) => {
      shown.push(message);
      controller.abort();
    };
    await assert.rejects(bench.run(sum, { signal: controller.signal, onFinding }), CancelledError);
    assert.deepEqual(shown, ['Subtracts instead of adding.']);
  });

  it('leaves no work of the model behind when cancelled', async () => {
    for (const script of [['hang'], [answerWith(wrong), 'more', 'and more', 'hang']] as const) {
      const provider = new ScriptedProvider(script);
      const controller = new AbortController();
      const running = benchWith({ provider }).run(sum, {
        signal: controller.signal,
        onStage: (stage) => stage === 'reviewer' && setImmediate(() => controller.abort()),
      });
      await assert.rejects(running, CancelledError);
      assert.deepEqual([provider.requests.length, provider.open], [1, 0]);
    }
  });

  it('stores nothing of a cancelled run', async () => {
    const bench = benchWith({ provider: new ScriptedProvider(['hang']) });
    await assert.rejects(bench.run(sum, { signal: AbortSignal.abort() }), CancelledError);
    assert.deepEqual(bench.findings.runs, []);
  });

  it('is one row of the history from its beginning to its end, with the mark of the end', async () => {
    const aborted = { signal: AbortSignal.abort() };
    for (const [script, options, state] of [
      [[answerWith(wrong)], {}, 'done'],
      [[new UserError('provider', 'It broke.')], {}, 'incomplete'],
      [['hang'], aborted, 'stopped'],
      [[], { model: 'lab/none' }, 'failed'],
    ] as const) {
      const bench = benchWith({ provider: new ScriptedProvider(script) });
      const { listed } = bench.findings;
      let during: unknown;
      const onStage = (): void => {
        during = [...listed.values()].map((row) => row.state);
      };
      await bench.run(sum, { ...options, onStage }).catch(() => {});
      if (state === 'done' || state === 'incomplete') assert.deepEqual(during, ['running']);
      assert.deepEqual(
        [...listed.values()].map((row) => [row.state, row.subject]),
        [[state, { kind: 'file' }]],
      );
    }
  });

  it('keeps what was found when the model fails on the way, and says so', async () => {
    const provider = new ScriptedProvider([
      answerWith(wrong).slice(0, -1),
      new ProviderError('unavailable', 'The server is overloaded. Try again later.'),
    ]);
    const { findings, notes } = await benchWith({ provider }).run(sum);
    assert.deepEqual(
      findings.map(({ evidence }) => evidence),
      ['return a - b;'],
    );
    assert.match(notes.join(), /was interrupted.*The server is overloaded/);
  });

  it('keeps what was found when the provider has a bug, and records it', async () => {
    const bugs: string[] = [];
    const log = {
      debug() {},
      info() {},
      warn() {},
      error: (fields: Record<string, unknown>) => void bugs.push(String(fields['error'])),
    };
    const { findings, notes } = await benchWith({
      provider: new ScriptedProvider([answerWith(wrong), new TypeError('x is not a function')]),
      log,
    }).run(sum);
    assert.equal(findings.length, 1);
    assert.match(bugs.join(), /x is not a function/);
    assert.doesNotMatch(notes.join(), /x is not a function/);
  });

  it('fails before any work when the named model does not exist', async () => {
    const bench = benchWith({ provider: new ScriptedProvider([]) });
    await assert.rejects(bench.run(sum, { model: 'lab/none' }), isUserError('model-not-found'));
    assert.deepEqual(bench.notified.stages, []);
  });

  it('moves a finding to where its quote really stands', async () => {
    const provider = new ScriptedProvider([answerWith({ ...wrong, line: 40, quote: '  2| return   a-b ;' })]);
    const [finding] = (await benchWith({ provider }).run(sum)).findings;
    assert.deepEqual(finding?.range, { start: { line: 1, character: 2 }, end: { line: 1, character: 15 } });
    assert.equal(finding?.evidence, textIn(sum.text, finding.range));
  });

  it('chooses the quote nearest to the line that was named', async () => {
    const twice = snippetOf('f(x);\n\n\nf(x);\n\nf(x);\n');
    const provider = new ScriptedProvider([answerWith({ line: 5, quote: 'f(x);' }, { line: 1, quote: 'f(x);' })]);
    const { findings } = await benchWith({ provider }).run(twice);
    assert.deepEqual(
      findings.map(({ range }) => range.start.line),
      [0, 3],
    );
  });

  it('does not take a lone bracket as evidence', async () => {
    const { findings, suppressed } = await benchWith({
      provider: new ScriptedProvider([answerWith({ quote: '}' }, { quote: '' }, { quote: ' \n' })]),
    }).run(sum);
    assert.deepEqual([findings.length, suppressed.unquoted], [0, 3]);
  });

  it('never shows a dismissed finding again, even after its code moved', async () => {
    const provider = new ScriptedProvider([answerWith(wrong)]);
    const bench = benchWith({ provider });
    const [finding] = (await bench.run(sum)).findings;
    assert.equal((await bench.findings.latest(sum.uri)).length, 1);
    await bench.findings.dismiss(finding?.id ?? '');
    assert.deepEqual(await bench.findings.latest(sum.uri), []);
    const moved = { ...sum, text: `// new first line\n\n${sum.text.replace('  return', '\treturn')}` };
    const again = await bench.run(moved);
    assert.deepEqual([again.findings, again.suppressed.dismissed], [[], 1]);
  });

  it('shows no more findings of a model than people read, and counts the rest', async () => {
    const lines = Array.from({ length: 20 }, (_, i) => `const value${i} = ${i};`);
    const claims = lines.map((quote, i) => ({
      line: i + 1,
      quote,
      severity: 'warning',
      message: `${'abcdefghijklmnopqrst'.charAt(i).repeat(5)} is wrong`,
    }));
    const { findings, suppressed } = await benchWith({ provider: new ScriptedProvider([answerWith(...claims)]) }).run(
      snippetOf(lines.join('\n')),
    );
    assert.deepEqual([findings.length, suppressed.overCap], [3, 17]);
  });

  it('goes on without storage, and says what that means', async () => {
    class Broken extends FindingsInMemory {
      override async saveRun(): Promise<never> {
        throw new UserError('storage', 'The disk is full.');
      }
      override async dismissed(): Promise<never> {
        throw new UserError('storage', 'The database cannot be read.');
      }
    }
    const { findings, notes } = await benchWith({
      provider: new ScriptedProvider([answerWith(wrong)]),
      findings: new Broken(),
    }).run(sum);
    assert.equal(findings.length, 1);
    assert.match(notes.join(), /cannot be read.*The disk is full/s);
  });

  it('shows the model a long document in pieces that overlap, all of it', async () => {
    const lines = Array.from({ length: 600 }, (_, i) => `line${i + 1}();`);
    const provider = new ScriptedProvider([answerWith()]);
    const { notes } = await benchWith({ provider, contextTokens: 2500 }).run(snippetOf(lines.join('\n')));
    const seen = provider.requests.flatMap(({ messages }) => messages[1]?.content.match(/line\d+\(\);/g) ?? []);
    assert.ok(provider.requests.length > 1);
    assert.deepEqual([...new Set(seen)], lines);
    assert.ok(seen.length > lines.length);
    assert.deepEqual(notes, []);
  });

  it('says which lines the model was not shown', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `line${i + 1}();`);
    lines[3] = `const data = "${'x'.repeat(30_000)}";`;
    const provider = new ScriptedProvider([answerWith()]);
    const { notes } = await benchWith({ provider }).run(snippetOf(lines.join('\n')));
    assert.match(notes[0] ?? '', /line 4 \(the line is longer/);
    assert.match(notes.at(-1) ?? '', /lines \d+ to 20000 \(the model is asked at most 64 times/);
  });

  it('cuts a piece in two when the model says that it is too long', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `line${i + 1}();`);
    const provider = new ScriptedProvider(
      [new ProviderError('context-too-long', 'Too long.')],
      [answerWith({ line: 1, quote: 'line1();' })],
      [answerWith({ line: 60, quote: 'line60();' })],
    );
    const { findings, notes } = await benchWith({ provider }).run(snippetOf(lines.join('\n')));
    assert.deepEqual([findings.map(({ evidence }) => evidence), notes], [['line1();', 'line60();'], []]);
  });

  it('shows code as data between markers that it cannot guess', async () => {
    const provider = new ScriptedProvider([answerWith()]);
    const bench = benchWith({ provider });
    await bench.run(sum);
    await bench.run(sum);
    const markers = provider.requests.map(
      ({ messages }) => /^=====[0-9a-f]{18}=====$/m.exec(messages[1]?.content ?? '')?.[0],
    );
    assert.ok(markers[0]);
    assert.notEqual(markers[0], markers[1]);
    assert.ok(provider.requests[0]?.messages[0]?.content.includes(markers[0]));
  });
});

describe('the fix of a finding', () => {
  it('is its suggestion, where the code stands now', async () => {
    const bench = benchWith({
      provider: new ScriptedProvider([answerWith({ ...wrong, replacement: 'return a + b;' })]),
    });
    const [finding] = (await bench.run(sum)).findings;
    const moved = { ...sum, text: `// note\n${sum.text}`, version: 9 };
    const fix = await bench.review.fix(finding?.id ?? '', moved, {
      profile: 'default',
      signal: new AbortController().signal,
    });
    assert.deepEqual(fix, {
      edits: [
        { range: { start: { line: 2, character: 2 }, end: { line: 2, character: 15 } }, newText: 'return a + b;' },
      ],
      notes: [],
      version: 9,
    });
  });

  for (const [what, replacement] of [
    ['has none', undefined],
    ['would break the code', 'return a + (b;'],
  ] as const)
    it(`asks no model where only its suggestion is wanted, and it ${what}`, async () => {
      const provider = new ScriptedProvider([answerWith({ ...wrong, ...(replacement && { replacement }) })]);
      const bench = benchWith({ provider });
      const [finding] = (await bench.run(sum)).findings;
      const asked = provider.requests.length;
      const options = { profile: 'default', isSuggestedOnly: true, signal: new AbortController().signal };
      await assert.rejects(bench.review.fix(finding?.id ?? '', sum, options), isUserError('no-suggestion'));
      assert.equal(provider.requests.length, asked);
    });

  it('is refused when the code has changed', async () => {
    const bench = benchWith({ provider: new ScriptedProvider([answerWith(wrong)]) });
    const [finding] = (await bench.run(sum)).findings;
    const changed = { ...sum, text: sum.text.replace('a - b', 'a + b') };
    await assert.rejects(
      bench.review.fix(finding?.id ?? '', changed, { profile: 'default', signal: new AbortController().signal }),
      isUserError('finding-stale'),
    );
  });

  it('is written by a model when the finding has no suggestion', async () => {
    const bench = benchWith({ provider: new ScriptedProvider([answerWith(wrong)], ['```ts\nreturn a + b;\n```']) });
    const [finding] = (await bench.run(sum)).findings;
    const { edits } = await bench.review.fix(finding?.id ?? '', sum, {
      profile: 'default',
      signal: new AbortController().signal,
    });
    assert.deepEqual(edits, [
      { range: { start: { line: 1, character: 0 }, end: { line: 1, character: 15 } }, newText: '  return a + b;' },
    ]);
  });
});
