// The engine with a scripted model: what is asked for ahead, what ends what, what rests, and that no suggestion breaks or repeats real code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { CompletionConfig } from '../../../../daemon/base/config/completion.ts';
import { UserError } from '../../../../daemon/base/errors.ts';
import { positionAt } from '../../../../daemon/base/snippet.ts';
import { bytesPerToken } from '../../../../daemon/base/tokens.ts';
import { faultsIn } from '../../../../daemon/code-index/chunk/faults.ts';
import { Parsers } from '../../../../daemon/code-index/chunk/parsers.ts';
import type { Completions } from '../../../../daemon/features/completion/completion.ts';
import { createCompletions } from '../../../../daemon/features/completion/create.ts';
import { effectiveSettings } from '../../../../daemon/features/completion/settings.ts';
import {
  type CodePart,
  type CodeRequest,
  type Provider,
  ProviderError,
} from '../../../../daemon/models/providers/provider.ts';
import type { ShownSuggestion } from '../../../../daemon/storage/written.ts';
import { sessionView } from '../../../fakes/session-view.ts';
import { sourcesOf } from './sources.ts';
import { spotAt } from './spot.ts';

type Answer = (request: CodeRequest, signal: AbortSignal) => string | Promise<string>;

const never = new AbortController().signal;
const uri = 'file:///project/a.ts';
const notebook = 'vscode-notebook-cell:/project/n.ipynb';
const parsers = new Parsers(() => {});

interface EngineOptions {
  languageId?: string;
  stored?: object[];
  speed?: number;
  reason?: 'stop' | 'length';
  roots?: string[];
  /** What is defined in a folder, by its URI. */
  defined?: Record<string, object[]>;
  /** Of the same notebook: their texts. */
  cells?: string[];
}

function open(
  answer: Answer,
  {
    languageId = 'typescript',
    stored = [],
    speed = 500,
    reason = 'stop',
    roots = [],
    defined = {},
    cells = [],
  }: EngineOptions = {},
) {
  const asked: CodeRequest[] = [];
  const shown: ShownSuggestion[] = [];
  let text = '';
  const info = { name: 'tiny', source: 'file', capabilities: {}, completion: 'only' } as const;
  const provider = {
    name: 'local',
    local: true,
    listModels: async () => [info],
    async *complete(request: CodeRequest, signal: AbortSignal): AsyncGenerator<CodePart> {
      asked.push(request);
      yield { kind: 'read', tokens: 100, cached: 0, speed };
      yield { kind: 'text', text: await answer(request, signal) };
      signal.throwIfAborted();
      yield {
        kind: 'finish',
        reason,
        usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 },
      };
    },
  } as unknown as Provider;
  const completions: Completions = createCompletions({
    registry: { provider: () => provider, models: async () => [], onReset() {} },
    gate: { refusal: async (of) => (of.includes('kept-from') ? 'No.' : undefined), refuseKept: async () => {} },
    syntax: { faults: (request) => faultsIn(request, parsers) },
    storage: {
      in: () =>
        ({
          completions: { add: async (row: ShownSuggestion) => void shown.push(row), list: async () => stored },
          code: { symbols: async (root: string) => defined[root] ?? [] },
        }) as never,
    },
    config: { config: { completion: CompletionConfig.parse({}) } },
    costs: {} as never,
    log: { debug() {} } as never,
  });
  const client = sessionView({
    roots,
    document: (of) => ({ getText: () => (of === uri ? text : `of ${of.split('/').at(-1)}`) }),
    cellsBeside: () => [
      ...cells.map((cell, i) => ({ uri: `${notebook}#W${i}sZmlsZQ%3D%3D`, getText: () => cell })),
      { uri: `${notebook}#W9sdnNjb2RlLXJlbW90ZQ%3D%3D`, getText: () => 'of another machine, under the same path' },
    ],
  });
  return {
    completions,
    asked,
    shown,
    /** Asks with the document as it is then. */
    suggest(at: string, { isInvoked = false, profile = 'default' } = {}) {
      const spot = spotAt(at);
      text = spot.text;
      const snippet = { uri, languageId, version: 1, text };
      const position = positionAt(text, spot.offset);
      return completions.suggest({ profile, snippet, position, offset: spot.offset, isInvoked }, client, never);
    },
    editElsewhere(name: string) {
      const change = { range: { start: { line: 0 } }, text: 'x' };
      completions.noteChange(client, `file:///project/${name}`, [change], { isShorter: false });
    },
    edit(now: string) {
      text = now;
    },
  };
}

describe('the completion engine', () => {
  it('asks for what comes next as if a suggestion were accepted, and answers with it', async () => {
    const next = Promise.withResolvers<void>();
    const { suggest, asked, shown } = open(({ begun }) => {
      if (begun.endsWith('= ')) return '1;';
      next.resolve();
      return ' // one';
    });
    assert.equal((await suggest('const a = |')).suggestion?.from, 'model');
    await next.promise;
    const { suggestion } = await suggest('const a = 1;|');
    assert.deepEqual([suggestion?.text, suggestion?.from], [' // one', 'ahead']);
    assert.ok(asked.some(({ isAhead }) => isAhead));
    assert.equal(shown.length, 2, 'each that was shown is noted once');
  });

  it('asks no model where suggestions are rarely kept, unless the user asks', async () => {
    const stored = Array.from({ length: 400 }, (_, i) => ({
      features: { inComment: i % 2 },
      language: 'typescript',
      accepted: i % 4 === 0,
    }));
    const { suggest, asked, completions } = open(() => 'one', { stored });
    assert.ok((await completions.learned('default')).filter);
    await suggest('// a|');
    assert.equal(asked.length, 0);
    await suggest('// a|', { isInvoked: true });
    assert.equal(asked.length > 0, true);
  });

  it('has a slow model read less of a new place, and a quick one more', async () => {
    const long = 'const value = compute(value);\n'.repeat(1000);
    const charsAt = async (speed: number): Promise<number> => {
      const { suggest, asked } = open(({ isAhead }) => (isAhead ? '' : 'one;'), { speed });
      await suggest(`${long}a|`); // measured here
      await suggest(`${long}${long}b|\n${long}`);
      const { prefix, begun, suffix } = asked.findLast(({ isAhead }) => !isAhead) ?? assert.fail();
      return prefix.length + begun.length + suffix.length;
    };
    const [slow, usual, quick] = [await charsAt(100), await charsAt(500), await charsAt(10_000)];
    assert.ok(slow < 128 * bytesPerToken, `${slow}`);
    assert.ok(slow < usual && usual < quick, `${slow}, ${usual}, ${quick}`);
  });

  for (const [what, line] of [
    ['Latin', '// the sum of all values so far\n'],
    ['Greek', '// το άθροισμα όλων των τιμών\n'],
    ['Chinese', '// 到目前为止所有数值的总和以及平均值\n'],
  ] as const)
    it(`reads no more tokens of a document in ${what} letters than its model is to read`, async () => {
      const { suggest, asked } = open(({ isAhead }) => (isAhead ? '' : 'one;'), { speed: 10_000 });
      await suggest(`${line.repeat(2000)}a|`); // measured here
      await suggest(`${line.repeat(4000)}b|\n${line.repeat(1000)}`);
      const { prefix, begun, suffix } = asked.findLast(({ isAhead }) => !isAhead) ?? assert.fail();
      const bytes = Buffer.byteLength(prefix + begun + suffix);
      assert.ok(bytes < 4096 * bytesPerToken && bytes > 1500 * bytesPerToken * 0.7, `${bytes}`);
    });

  it('shows nothing of another profile after the session has changed it', async () => {
    const answers = ['first();', 'second();'];
    const { suggest, asked } = open(({ isAhead }) => (isAhead ? '' : (answers.shift() ?? '')));
    assert.equal((await suggest('const a = |')).suggestion?.text, 'first();');
    for (const at of ['const a = |', 'const a = s|']) await suggest(at, { profile: 'work' });
    assert.equal((await suggest('const a = |', { profile: 'work' })).suggestion?.text, 'second();');
    assert.equal(asked.filter(({ isAhead }) => !isAhead).length, 2);
  });

  describe('gives another suggestion to who asks while one is shown,', () => {
    /** What it writes each time that it is asked about the place, not ahead. */
    const openWith = (...answers: (string | Error)[]) => {
      const engine = open(({ isAhead }) => {
        const answer = isAhead ? '' : (answers.shift() ?? '');
        if (answer instanceof Error) throw answer;
        return answer;
      });
      const texts = async (options?: { isInvoked: boolean }): Promise<string[]> => {
        const { suggestion, others = [] } = await engine.suggest('const a = |', options);
        return [suggestion, ...others].flatMap((each) => each?.text ?? []);
      };
      return { ...engine, texts };
    };
    const invoked = { isInvoked: true };

    it('behind the first, and warmer', async () => {
      const { texts, asked } = openWith('1;', '2;', '3;');
      assert.deepEqual(await texts(), ['1;']);
      assert.deepEqual(await texts(invoked), ['1;', '2;']);
      assert.deepEqual(await texts(invoked), ['1;', '2;', '3;']);
      const temperatures = asked.filter(({ isAhead }) => !isAhead).map(({ temperature }) => temperature);
      assert.deepEqual(temperatures, [undefined, 0.8, 0.8]);
    });

    it('which is shown from then on, also where the editor shows one alone', async () => {
      const { texts } = openWith('1;', '2;');
      await texts();
      await texts(invoked);
      assert.deepEqual(await texts(), ['2;']);
    });

    it('up to four', async () => {
      const { texts, asked } = openWith('1;', '2;', '3;', '4;', '5;');
      for (let i = 0; i < 6; i++) await texts(invoked);
      assert.deepEqual(await texts(invoked), ['1;', '2;', '3;', '4;']);
      assert.equal(asked.filter(({ isAhead }) => !isAhead).length, 4);
    });

    it('but not the same one again', async () => {
      const { texts } = openWith('1;', '1;');
      await texts();
      assert.deepEqual(await texts(invoked), ['1;']);
    });

    it('and keeps the first one where the model fails', async () => {
      const { texts } = openWith('1;', new UserError('out-of-memory', 'It needs 3 GB more.'));
      await texts();
      assert.deepEqual(await texts(invoked), ['1;']);
    });

    it('and none to who only types', async () => {
      const { texts, asked } = openWith('1;', '2;');
      await texts();
      assert.deepEqual(await texts(), ['1;']);
      assert.equal(asked.filter(({ isAhead }) => !isAhead).length, 1);
    });
  });

  it('ends an older request when a newer one comes', async () => {
    const { suggest } = open(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    const older = suggest('const a = |');
    void suggest('const ab = |').catch(() => {});
    await assert.rejects(older, { name: 'CancelledError' });
  });

  it('answers the newest request, also where an older one still waits for what was asked for ahead', async () => {
    const aheadIsAsked = Promise.withResolvers<void>();
    const newestIsAsked = Promise.withResolvers<void>();
    const { suggest } = open(async ({ begun, isAhead }, signal) => {
      if (begun === 'const a = ') return '1;';
      if (!isAhead) {
        newestIsAsked.resolve();
        await new Promise(setImmediate); // what waits for less goes on
        return '2;';
      }
      aheadIsAsked.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await suggest('const a = |');
    await aheadIsAsked.promise;
    const older = suggest('const a = 1;|').catch((error: unknown) => error);
    const newest = suggest('const a = 1;\nconst b = |');
    await newestIsAsked.promise;
    assert.equal((await newest).suggestion?.text, '2;');
    assert.equal(((await older) as Error).name, 'CancelledError');
  });

  it('shows nothing of a text that has changed meanwhile', async () => {
    const engine = open(() => {
      engine.edit('const b = ');
      return '1;';
    });
    await assert.rejects(engine.suggest('const a = |'), { name: 'CancelledError' });
  });

  it('leaves a model alone that failed, says why, and asks it again where the user wants it', async () => {
    const { suggest, asked, completions } = open(() => {
      throw new UserError('out-of-memory', 'It needs 3 GB more.');
    });
    assert.deepEqual(await suggest('const a = |'), { why: 'It needs 3 GB more.' });
    await suggest('const ab = |');
    assert.equal(asked.length, 1);
    await suggest('const ab = |', { isInvoked: true });
    assert.equal(asked.length, 2);
    const { state, why } = await completions.state(undefined, never);
    assert.deepEqual([state, why], ['off', 'It needs 3 GB more.']);
  });

  it('asks a model again in the next place, where the prompt of one was too long for it', async () => {
    const { suggest } = open(({ begun }) => {
      if (begun.startsWith('long')) throw new ProviderError('context-too-long', 'The prompt is too long.');
      return '1;';
    });
    assert.deepEqual(await suggest('long = |'), { why: 'The prompt is too long.' });
    assert.equal((await suggest('const a = |')).suggestion?.text, '1;');
  });

  it('reads pieces of the files where the user was, and of none that no model may see', async () => {
    const { suggest, asked, editElsewhere } = open(() => '1;');
    editElsewhere('open.ts');
    editElsewhere('kept-from-models.ts');
    await suggest('const a = |');
    assert.deepEqual(asked[0]?.others, [{ name: 'open.ts', text: 'of open.ts' }]);
    assert.equal(asked[0]?.name, 'a.ts');
  });

  it('reads the other cells of a notebook, the one that was changed last next to the code', async () => {
    const { suggest, asked, editElsewhere } = open(() => '1;', { cells: ['first = 1', 'second = 2'] });
    editElsewhere('open.ts');
    await suggest('const a = |');
    assert.deepEqual(asked[0]?.others, [
      { name: 'open.ts', text: 'of open.ts' },
      { name: 'n.ipynb', text: 'first = 1' },
      { name: 'n.ipynb', text: 'second = 2' },
    ]);
  });

  it('is off in all cells of a notebook that it is turned off for', async () => {
    const files = { [notebook]: false };
    const { whyOff } = effectiveSettings(CompletionConfig.parse({}), { files });
    assert.match(whyOff(`${notebook}#W0sZmlsZQ%3D%3D`, 'python') ?? '', /turned off for this file/);
    assert.equal(whyOff('vscode-notebook-cell:/project/other.ipynb#W0sZmlsZQ%3D%3D', 'python'), undefined);
  });

  it('suggests no half of a word where the model came to its limit', async () => {
    const { suggest } = open(() => 'one; seco', { reason: 'length' });
    assert.equal((await suggest('const a = |')).suggestion?.text, 'one;');
  });

  it('reads what defines the names near the cursor, from the folder of the file before the others', async () => {
    const definedIn = (folder: string) => [
      { uri: `${folder}/sum.ts`, text: `function sumUp() {} // of ${folder}`, name: 'sumUp' },
    ];
    const [first, own] = ['file:///first', 'file:///project'];
    const readWith = async (folders: string[], defining: string[]) => {
      const defined = Object.fromEntries(defining.map((folder) => [folder, definedIn(folder)]));
      const { suggest, asked } = open(() => '1;', { roots: folders, defined });
      await suggest('const a = sumUp(1) + |');
      return asked[0]?.others.map(({ text }) => text.split('of ')[1]);
    };
    assert.deepEqual(await readWith([first, own], [own]), [own]);
    assert.deepEqual(await readWith([first, own], [first, own]), [own]);
    assert.deepEqual(await readWith([own, first], [first]), [first]);
  });

  const followings = [
    ['what was there', ''],
    ['and then what follows', 'more'],
    ['and closers too many', '})]);'],
  ] as const;
  for (const [what, tail] of followings)
    it(`holes in real code, filled with ${what}: nothing is doubled, and it parses no worse`, async () => {
      let answer = '';
      const { suggest } = open(() => answer);
      const faultsOf = async (text: string) =>
        (await faultsIn({ uri, languageId: 'typescript', texts: [text] }, parsers))?.[0]?.count ?? 0;
      let filled = 0;
      for (const { before, hole, after } of holes()) {
        answer = `${hole}${tail === 'more' ? after.slice(0, 200) : tail}`;
        const { suggestion } = await suggest(`${before}|${after}`);
        if (!suggestion) continue;
        filled++;
        const text = before + suggestion.text + after;
        assert.ok((await faultsOf(text)) <= (await faultsOf(before + after)), text.slice(-600));
        const [first = ''] = after
          .slice(after.indexOf('\n') + 1)
          .split('\n')
          .filter((line) => line.trim().length > 3);
        assert.notEqual(suggestion.text.split('\n').at(-1)?.trim(), first.trim(), 'a line is there twice');
      }
      assert.ok(filled >= 20, `${filled} were filled`);
    });
});

/** Statements of this project's own code, each taken out of its file from the middle to the end of its line. */
function holes(): { before: string; hole: string; after: string }[] {
  return sourcesOf('daemon/features/completion').flatMap((file) => {
    const text = readFileSync(file, 'utf8').replaceAll('|', '!');
    const ends = [...text.matchAll(/[=(:] (?=[^\n]{6,}\n)/g)].filter((_, i) => i % 7 === 0).slice(0, 8);
    return ends.map(({ index }) => {
      const start = index + 2;
      const end = text.indexOf('\n', start);
      return { before: text.slice(0, start), hole: text.slice(start, end), after: text.slice(end) };
    });
  });
}
