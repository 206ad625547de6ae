import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import {
  type CodeExcerpt,
  gather,
  type MentionContext,
  type MentionSources,
  merge,
} from '../../../../daemon/features/mentions/gather.ts';

const root = pathToFileURL('/work').href;
const piece = (startLine: number, endLine: number, uri = `${root}/a.ts`): CodeExcerpt => ({
  uri,
  startLine,
  endLine,
  text: Array.from({ length: endLine - startLine }, (_, i) => `line ${startLine + i}`).join('\n'),
});

const sources: MentionSources = {
  searchCode: async () => [],
  findSymbol: async () => [],
  listFolder: async function* () {},
  read: async () => undefined,
  recognize: async () => undefined,
  diff: async () => '',
  problems: () => [],
  indexNote: async () => undefined,
};
const ask = (text: string, over: Partial<MentionSources> = {}, roots = [root]): Promise<MentionContext> =>
  gather({ text, roots, attached: [] }, { ...sources, ...over }, new AbortController().signal);

describe('what mentions stand for', () => {
  it('@codebase: the best pieces, without the mention in the query, touching ones as one', async () => {
    const queries: string[] = [];
    const { attachments, notes } = await ask('@codebase where is the cart', {
      searchCode: async (query) => {
        queries.push(query);
        return [piece(10, 20), piece(0, 3, `${root}/b.ts`), piece(20, 25)];
      },
      indexNote: async () => 'The index is still being built (3 of 10 files).',
    });
    assert.deepEqual(queries, ['where is the cart']);
    assert.deepEqual(
      attachments.map(({ kind, uri, range }) => [kind, uri, range?.start.line, range?.end.line]),
      [
        ['code', `${root}/a.ts`, 10, 24],
        ['code', `${root}/b.ts`, 0, 2],
      ],
    );
    assert.deepEqual(notes, ['The index is still being built (3 of 10 files).']);
  });

  it('@codebase: the pieces that a reranker puts first, of more that were found; else as they were found', async () => {
    const limits: number[] = [];
    const found = Array.from({ length: 30 }, (_, i) => piece(0, 1, `${root}/${i}.ts`));
    const searchCode: MentionSources['searchCode'] = async (_, { limit }) => {
      limits.push(limit);
      return found.slice(0, limit);
    };
    const ranked = await ask('@codebase cart', {
      searchCode,
      rerank: async (_, pieces) => ({ pieces: pieces.toReversed(), note: 'It took a while.' }),
    });
    assert.deepEqual(limits, [30]);
    assert.deepEqual([ranked.attachments.length, ranked.attachments[0]?.uri], [12, `${root}/29.ts`]);
    assert.deepEqual(ranked.notes, ['It took a while.']);
    assert.equal((await ask('@codebase cart', { searchCode })).attachments[0]?.uri, `${root}/0.ts`);
    assert.deepEqual(limits, [30, 12]);
  });

  it('pieces that overlap keep each line once', () => {
    for (const order of [
      [piece(0, 10), piece(5, 12)],
      [piece(5, 12), piece(0, 10)],
    ])
      assert.deepEqual(merge(order), [piece(0, 12)]);
    assert.deepEqual(merge([piece(0, 10), piece(2, 4)]), [piece(0, 10)]);
    assert.deepEqual(merge([piece(0, 3), piece(4, 6)]).length, 2);
  });

  it('@file: as the user sees it, in the first root that has it; never outside', async () => {
    const asked: string[] = [];
    const read = async (path: string, from: string): Promise<string | undefined> => {
      asked.push(`${from} ${path}`);
      return path === 'src/a.ts' && from.endsWith('two') ? 'text' : undefined;
    };
    const { attachments } = await ask('@file:src/a.ts', { read }, [`${root}/one`, `${root}/two`]);
    assert.deepEqual(attachments, [{ kind: 'file', uri: `${root}/two/src/a.ts`, text: 'text' }]);
    asked.length = 0;
    for (const name of ['../x', '/etc/passwd', 'a/../../x']) {
      const { attachments: none, notes } = await ask(`@file:${name}`, { read });
      assert.deepEqual(none, []);
      assert.match(notes[0] ?? '', /wasn't attached\. There's no such text file/);
    }
    assert.deepEqual(asked, []);
    await ask('@file:..x', { read });
    assert.deepEqual(asked, [`${root} ..x`], 'a name may begin with dots');
  });

  it('@ocr: the text of a picture, never outside, and a sentence where there is none', async () => {
    const asked: string[] = [];
    const recognize: MentionSources['recognize'] = async (path) => {
      asked.push(path);
      if (path === 'notes.txt') throw new UserError('bad-picture', "notes.txt isn't a picture.");
      return { 'shots/error.png': '  at main.ts:3', 'white.png': ' ' }[path];
    };
    const { attachments } = await ask('@ocr:shots/error.png what is wrong?', { recognize });
    assert.deepEqual(attachments, [{ kind: 'ocr', uri: `${root}/shots/error.png`, text: '  at main.ts:3' }]);
    const says: [name: string, sentence: RegExp][] = [
      ['../x.png', /^@ocr:..\/x.png wasn't attached/],
      ['none.png', /^@ocr:none.png wasn't attached. There's no such picture/],
      ['white.png', /^No text was found in white.png/],
      ['notes.txt', /^notes.txt isn't a picture/],
    ];
    for (const [name, sentence] of says) {
      const { attachments: none, notes } = await ask(`@ocr:${name} x`, { recognize });
      assert.deepEqual(none, []);
      assert.match(notes[0] ?? '', sentence);
    }
    assert.ok(!asked.includes('../x.png'));
  });

  it('@folder: what fits, and how much was left out', async () => {
    const { attachments, notes } = await ask('@folder:docs', {
      async *listFolder() {
        yield* ['docs/a.md', 'docs/b.md', 'docs/c.md'];
      },
      read: async (path) => (path === 'docs/b.md' ? 'x'.repeat(70_000) : 'short'),
    });
    assert.deepEqual(
      attachments.map(({ uri }) => uri),
      [`${root}/docs/a.md`, `${root}/docs/c.md`],
    );
    assert.match(notes[0] ?? '', /^docs is too long .* so 1 file was left out/);
  });

  it('what cannot be had is a sentence, and the rest is there', async () => {
    const { attachments, notes } = await ask('@symbol:nope @diff @problems @terminal @codebase x', {
      diff: async () => {
        throw new UserError('no-diff', 'git has no diff of it.');
      },
      problems: () => ['a.ts:1: wrong'],
    });
    assert.deepEqual(
      attachments.map(({ kind }) => kind),
      ['problems'],
    );
    assert.equal(notes.length, 4);
  });

  it('what the client attached itself is not looked for', async () => {
    const context = await gather(
      { text: '@problems @diff', roots: [root], attached: [{ kind: 'problems' }] },
      { ...sources, diff: async () => 'diff' },
      new AbortController().signal,
    );
    assert.deepEqual(
      context.attachments.map(({ kind }) => kind),
      ['diff'],
    );
    assert.deepEqual(context.notes, []);
  });

  it('without a folder there is a sentence; a fault of ours is no note; cancelling ends it', async () => {
    assert.match((await ask('@codebase x', {}, [])).notes[0] ?? '', /need an open folder/);
    await assert.rejects(
      ask('@codebase x', { searchCode: async () => Promise.reject(new TypeError('bug')) }),
      TypeError,
    );
    const cancelled = gather({ text: '@diff', roots: [root], attached: [] }, sources, AbortSignal.abort());
    await assert.rejects(cancelled, { name: 'CancelledError' });
  });
});
