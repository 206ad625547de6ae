// In which form a model is asked for an edit, what is read from its answer, and what is learned of it, with scripted models.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isSmallModel } from '../../../../../daemon/features/pipeline/edits/edit-forms.ts';
import { chooseFormat, editFormats } from '../../../../../daemon/features/pipeline/edits/formats.ts';
import { rewrite } from '../../../../../daemon/features/pipeline/rewrite.ts';
import type { FormatTally } from '../../../../../daemon/storage/written.ts';
import { EditAnswersInMemory, editFormsWith, modelsOf, routerTo, ScriptedProvider, snippetOf } from '../parts.ts';

const body = ['export function sum(values: number[]): number {', '  let total = 0;'];
for (let i = 0; i < 6; i++) body.push(`  const part${i} = values[${i}] ?? 0;`, `  total -= part${i};`);
body.push('  return total;', '}');
const document = ['const before = 1;', '', ...body, '', 'const after = 2;', ''].join('\n');
const place = { start: { line: 2, character: 0 }, end: { line: 1 + body.length, character: 1 } };
const fixed = document.replace('let total = 0', 'let total = 1');
const fixedBody = body.join('\n').replace('let total = 0', 'let total = 1');

const blocks = '<<<<<<< SEARCH\n  let total = 0;\n=======\n  let total = 1;\n>>>>>>> REPLACE';
const lostBlocks = blocks.replace('let total = 0', 'let sum = 0');
const code = `\`\`\`ts\n${fixedBody}\n\`\`\``;
const file = `\`\`\`ts\n${fixed}\`\`\``;
const words = 'I would begin with another number here.';

interface Scripted {
  answers: readonly string[];
  isSmall?: boolean;
  known?: EditAnswersInMemory;
  text?: string;
  ends?: readonly ('stop' | 'length')[];
}

/** What comes of one request: the document with the edit, how often the model was asked, for what, and how the answers ended. */
async function ask({
  answers,
  isSmall = false,
  known = new EditAnswersInMemory(),
  text = document,
  ends = [],
}: Scripted) {
  const scripts = answers.map((answer, i) => [answer, { kind: 'finish', reason: ends[i] ?? 'stop' }] as const);
  const provider = new ScriptedProvider(...scripts);
  const router = routerTo(provider);
  const models = modelsOf({
    async select(wanted, signal) {
      const selection = await router.select(wanted, signal);
      const { candidate } = selection;
      const info = { ...candidate.info, name: isSmall ? 'tiny' : 'large' };
      return { ...selection, candidate: { ...candidate, info } };
    },
  });
  const { signal } = new AbortController();
  const asked: string[] = [];
  const before = known.answers.length;
  const snippet = snippetOf(text);
  const outcome = await models.ask({ wanted: { task: 'action', profile: 'default' }, signal }, (model) =>
    rewrite({
      ...{ snippet, range: place, instruction: 'Begin with 1.', model, signal, profile: 'default' },
      forms: editFormsWith(known),
      onFormat: (format) => asked.push(format),
    }).catch((error: unknown) => ({ error: String(error) })),
  );
  const edit = 'edits' in outcome ? outcome.edits?.[0] : undefined;
  const lines = text.split('\n');
  const edited = edit && [
    ...lines.slice(0, edit.range.start.line),
    edit.newText,
    ...lines.slice(edit.range.end.line + 1),
  ];
  const counted = known.answers.slice(before).map(({ format, end }) => `${format} ${end}`);
  return { edited: edited?.join('\n'), asked, counted, outcome, requests: provider.requests };
}

describe('the form in which a model is asked for an edit', () => {
  it('is tried before it is counted: blocks, and of small models whole functions', async () => {
    const [large, small] = [await ask({ answers: [blocks] }), await ask({ answers: [code], isSmall: true })];
    assert.deepEqual([large.asked, large.counted, large.edited], [['blocks'], ['blocks worked'], fixed]);
    assert.deepEqual([small.asked, small.counted, small.edited], [['function'], ['function worked'], fixed]);
  });

  const fallbacks: [what: string, scripted: Scripted, asked: string[], counted: string[]][] = [
    [
      'blocks that are nowhere',
      { answers: [lostBlocks, code] },
      ['blocks', 'function'],
      ['blocks unplaced', 'function worked'],
    ],
    [
      'blocks that do not parse',
      { answers: [blocks.replace('total = 1', 'total = = 1'), code] },
      ['blocks', 'function'],
      ['blocks refused', 'function worked'],
    ],
    ['words for blocks', { answers: [words, code] }, ['blocks', 'function'], ['blocks unread', 'function worked']],
    [
      'words for a function',
      { answers: [words, blocks], isSmall: true },
      ['function', 'blocks'],
      ['function refused', 'blocks worked'],
    ],
    [
      'a function that is cut off',
      { answers: ['```ts\nexport', blocks], isSmall: true, ends: ['length'] },
      ['function', 'blocks'],
      ['function cut-off', 'blocks worked'],
    ],
  ];
  for (const [what, scripted, asked, counted] of fallbacks)
    it(`is changed once within a request: ${what}`, async () => {
      const result = await ask(scripted);
      assert.deepEqual([result.asked, result.counted, result.edited], [asked, counted, fixed]);
    });

  it('is changed once only: what fails in two forms is the first answer, to read', async () => {
    const { asked, outcome, requests } = await ask({ answers: [words, lostBlocks, code], isSmall: true });
    assert.deepEqual([asked, requests.length], [['function', 'blocks'], 2]);
    assert.equal('text' in outcome && outcome.text, words);
  });

  const otherForms: [what: string, scripted: Scripted, counted: string][] = [
    ['a function for blocks', { answers: [code] }, 'blocks unread'],
    ['a file for blocks', { answers: [file] }, 'blocks unread'],
    ['blocks for a function', { answers: [blocks], isSmall: true }, 'function unread'],
    ['a file for a function', { answers: [file], isSmall: true }, 'function unread'],
    [
      'the function with a line around it',
      { answers: [code.replace('```ts\n', '```ts\nconst before = 1;\n\n')], isSmall: true },
      'function worked',
    ],
  ];
  for (const [what, scripted, counted] of otherForms)
    it(`is read though it is another, without a second question: ${what}`, async () => {
      const result = await ask(scripted);
      assert.deepEqual([result.requests.length, result.counted, result.edited], [1, [counted], fixed]);
    });

  it('never lets a whole file change other lines', async () => {
    const known = new EditAnswersInMemory();
    for (let i = 0; i < 9; i++)
      for (const format of ['blocks', 'function']) known.answers.push({ model: 'lab/tiny', format, end: 'refused' });
    const elsewhere = file.replace('after = 2', 'after = 3');
    const { asked, edited, counted } = await ask({ answers: [elsewhere, elsewhere], known });
    assert.deepEqual([asked[0], edited, counted[0]], ['file', undefined, 'file unplaced']);
  });

  it('is learned: a model that fails in one is asked for another at first', async () => {
    const known = new EditAnswersInMemory();
    for (let i = 0; i < 3; i++) await ask({ answers: [lostBlocks, code], known });
    const { asked, requests } = await ask({ answers: [code], known });
    assert.deepEqual([asked, requests.length], [['function'], 1]);
    for (let i = 0; i < 20; i++) await known.add({ model: 'lab/tiny', format: 'function', end: 'refused' });
    assert.deepEqual((await ask({ answers: [blocks], known })).asked, ['blocks'], 'and unlearned');
  });

  it('is the usual one where nothing can be stored', async () => {
    const known = new EditAnswersInMemory();
    known.add = () => Promise.reject(new Error('the disk is full'));
    known.tallies = () => Promise.reject(new Error('the disk is full'));
    const { edited, asked } = await ask({ answers: [blocks], known });
    assert.deepEqual([edited, asked], [fixed, ['blocks']]);
  });

  it('is not blocks where the code has lines like theirs', async () => {
    const text = document.replace('  return total;', '=======');
    assert.deepEqual((await ask({ answers: [words], text })).asked, ['function', 'file']);
  });

  const choices: [what: string, tallies: FormatTally[], isSmall: boolean, order: string[], why: RegExp][] = [
    ['nothing counted', [], false, ['blocks', 'function'], /^not measured yet$/],
    ['a small model', [], true, ['function', 'blocks'], /^small models start with these$/],
    [
      'blocks that fail',
      [{ format: 'blocks', ends: { unplaced: 2, refused: 1 } }],
      false,
      ['function', 'blocks'],
      /^search-and-replace blocks worked 0 of 3 times$/,
    ],
    [
      'a small model that is good at blocks',
      [
        { format: 'blocks', ends: { worked: 40 } },
        { format: 'function', ends: { worked: 1, refused: 9 } },
      ],
      true,
      ['blocks', 'file'],
      /^search-and-replace blocks worked 40 of 40 times, whole functions worked 1 of 10 times$/,
    ],
  ];
  for (const [what, tallies, isSmall, [format, next], why] of choices)
    it(`is chosen by what was counted: ${what}`, () => {
      const choice = chooseFormat({ tallies, isSmall, possible: editFormats });
      assert.deepEqual([choice.format, choice.next], [format, next]);
      assert.match(choice.why, why);
    });

  for (const [name, bytes, small] of [
    ['SmolLM2-135M-Instruct', undefined, true],
    ['qwen2.5-coder:7b', undefined, true],
    ['llama-3.1-70b-instruct', undefined, false],
    ['mixtral-8x7b', undefined, false],
    ['tiny', undefined, true],
    ['coder', 1e9, true],
    ['coder', 20e9, false],
    ['gpt-5', undefined, false],
  ] as const)
    it(`knows small models by name or bytes: ${name}${bytes ? `, ${bytes / 1e9} GB` : ''}`, () =>
      assert.equal(isSmallModel({ name, ...(bytes && { bytes }) }), small));
});
