// What a model is shown beside a piece of code: what the piece stands in, and what it calls.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { outlineOf } from '../../../../../daemon/code-index/chunk/outline.ts';
import { Parsers } from '../../../../../daemon/code-index/chunk/parsers.ts';
import { SurroundingCode } from '../../../../../daemon/features/pipeline/surroundings/surrounding-code.ts';
import { targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import { createModelGate } from '../../../../../daemon/ignore/gate.ts';
import type { CodePiece } from '../../../../../daemon/storage/code.ts';
import { answerWith, benchWith, openGate, ScriptedProvider, snippetOf } from '../parts.ts';

const parsers = new Parsers((sentence) => {
  throw new Error(sentence);
});
const outlines = { outline: (request: Parameters<typeof outlineOf>[0]) => outlineOf(request, parsers) };
const steps = (count: number, name: string): string[] => Array.from({ length: count }, (_, i) => `    ${name}${i};`);

const code = [
  "import { send } from './mail.ts';",
  "import { other } from './other.ts';",
  '',
  'export function round(value: number): number {',
  '  return Math.floor(value);',
  '}',
  '',
  'export class Cart extends Base {',
  '  add(item: Item): void {',
  ...steps(70, 'first'),
  '    send(item);',
  '    this.total = round(item.price);',
  ...steps(3, 'last'),
  '  }',
  '}',
  '',
].join('\n');
const lineOf = (text: string): number => code.split('\n').findIndex((line) => line.includes(text));
const piece = (symbol: string, text: string, uri = 'file:///shop/mail.ts'): CodePiece => ({
  ...{ symbol, text, uri, startLine: 0, endLine: text.split('\n').length },
});

function shown(
  window: { first: number; last: number },
  { indexed = [] as CodePiece[], maxChars = 4000, gate = openGate, languageId = 'typescript' } = {},
): Promise<string> {
  const target = targetOf(
    snippetOf(code, { languageId, uri: languageId === 'typescript' ? 'file:///shop/cart.ts' : 'file:///shop/cart' }),
  );
  const symbols = async (): Promise<CodePiece[]> => indexed;
  const { signal } = new AbortController();
  const surroundings = new SurroundingCode({ outlines, code: { symbols }, gate, roots: ['file:///shop'], signal });
  return surroundings.of(target, window, maxChars);
}

const late = { first: lineOf('first65'), last: lineOf('last2') };

describe('what a model is shown beside a piece of code', () => {
  it('is the heads of what it stands in, and what it calls in its file', async () => {
    const text = await shown(late);
    assert.match(text, /^export class Cart extends Base \{\nadd\(item: Item\): void \{\n/);
    assert.match(text, /export function round\(value: number\): number \{\n {2}return Math\.floor\(value\);\n\}/);
  });

  it('is a definition of the index for what is not in the file, else the import', async () => {
    const indexed = [piece('send', 'export function send(item: Item): void {\n  queue.push(item);\n}')];
    assert.match(await shown(late, { indexed }), /queue\.push\(item\);/);
    assert.match(await shown(late), /import \{ send \} from '\.\/mail\.ts';/);
    assert.doesNotMatch(await shown(late), /other/);
  });

  it('is no definition that is one of several, of the piece itself, or kept from models', async () => {
    const send = piece('send', 'function send() { secret }');
    const gate = createModelGate({ isIgnored: async () => ({ ignored: true, by: '.switchyardignore' }) });
    const others: [what: string, options: Parameters<typeof shown>[1]][] = [
      ['several', { indexed: [send, piece('send', 'function send() { secret }', 'file:///shop/b.ts')] }],
      ['another name', { indexed: [piece('Send', 'function Send() { secret }')] }],
      ['kept from models', { indexed: [send], gate }],
    ];
    for (const [what, options] of others) assert.doesNotMatch(await shown(late, options), /secret/, what);
    const own = await shown({ first: lineOf('function round'), last: late.last });
    assert.equal(own.match(/Math\.floor/g), null);
  });

  it('keeps within its limit, and is empty where nothing is understood', async () => {
    for (const maxChars of [0, 40, 100, 1000]) assert.ok((await shown(late, { maxChars })).length <= maxChars);
    assert.equal(await shown(late, { languageId: 'plaintext', maxChars: 0 }), '');
  });

  it('does not depend on where in the file the piece stands', async () => {
    const at = (text: string) => {
      const target = targetOf(snippetOf(text, { uri: 'file:///shop/cart.ts' }));
      const first = text.split('\n').findIndex((line) => line.includes('first65'));
      const deps = { outlines, code: { symbols: async () => [] }, gate: openGate, roots: [] };
      return new SurroundingCode({ ...deps, signal: new AbortController().signal }).of(
        target,
        { first, last: first + 8 },
        4000,
      );
    };
    assert.equal(
      await at(code.replace('\nexport function round', '\n\nconst more = 1;\nexport function round')),
      await at(code),
    );
  });

  it('is in the prompt as data, apart from what is under review', async () => {
    const provider = new ScriptedProvider([answerWith()]);
    await benchWith({ provider, outlines }).run(snippetOf(code, { uri: 'file:///shop/cart.ts' }));
    const last = provider.requests.at(-1)?.messages[1]?.content ?? '';
    const [, marker = ''] = /not under review:\n(=+\w+=+)\n/.exec(last) ?? [];
    const [, beside, , reviewed] = last.split(marker);
    assert.match(beside ?? '', /export class Cart extends Base/);
    assert.match(reviewed ?? '', /\d+\| {5}last2;/);
  });
});
