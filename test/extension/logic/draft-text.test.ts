// What a preview shows while a model writes.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { draftText } from '../../../extension/logic/draft-text.ts';

const text = 'a {\n  one;\n  two;\n}\n';
const lines = { first: 1, last: 2 };

describe('a draft', () => {
  const drafts: [what: string, answer: string, shown: string][] = [
    ['nothing yet', '', text],
    ['a fence that has only begun', '``', text],
    ['a fence without code', '```ts\n', text],
    ['prose before a fence that has come', 'Here it is:\n```ts\nuno;\n', 'a {\n  uno;\n  two;\n}\n'],
    ['the first line', '```ts\nuno;', 'a {\n  uno;\n  two;\n}\n'],
    ['as many lines', '```ts\nuno;\ndos;\n```', 'a {\n  uno;\n  dos;\n}\n'],
    ['more lines', '  uno;\n  dos;\n  tres;', 'a {\n  uno;\n  dos;\n  tres;\n}\n'],
    ['the end of a fence', '```ts\nuno;\ndos;\n``', 'a {\n  uno;\n  dos;\n}\n'],
    ['what follows the fence', '```ts\nuno;\ndos;\n```\nI renamed both.', 'a {\n  uno;\n  dos;\n}\n'],
    ['a block without its new lines', '<<<<<<< SEARCH\n  one;\n', text],
    ['a block that is being written', '<<<<<<< SEARCH\n  one;\n=======\n  uno;', 'a {\n  uno;\n  two;\n}\n'],
    [
      'whole blocks, and none that has no place',
      '<<<<<<< SEARCH\n  two;\n=======\n  dos;\n>>>>>>> REPLACE\n<<<<<<< SEARCH\n  six;\n=======\n  seis;',
      'a {\n  one;\n  dos;\n}\n',
    ],
    ['hidden characters', 'u\u202eno;', 'a {\n  uno;\n  two;\n}\n'],
  ];
  for (const [what, answer, shown] of drafts)
    it(`shows ${what}`, () => assert.equal(draftText(text, lines, answer), shown));

  it('shows what is added before a line', () =>
    assert.equal(draftText(text, { first: 3, last: 2 }, '  tres;'), 'a {\n  one;\n  two;\n  tres;\n}\n'));

  it('keeps the line ends of the document', () =>
    assert.equal(draftText(text.replaceAll('\n', '\r\n'), lines, 'uno;\ndos;'), 'a {\r\n  uno;\r\n  dos;\r\n}\r\n'));
});
