// A problem about a file that is kept from models reaches none, whoever lists it and however its path is written.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withoutKeptProblems } from '../../../../daemon/features/chat/kept-problems.ts';

const roots = ['file:///projects/shop', 'file:///projects/tools'];
const gate = {
  refusal: async (uri: string) => (/\.env$|secret/.test(uri) ? 'kept' : undefined),
};
const of = (text: string) => withoutKeptProblems([{ kind: 'problems', text }], roots, gate);

describe('problems', () => {
  const kept: Readonly<Record<string, string>> = {
    'as the editor lists it': '.env:1:5: error: hunter2 is no command',
    'with a folder of several': 'tools/.env:1:5: error: hunter2 is no command',
    'by its absolute path': '/projects/shop/.env:1:5: error: hunter2 is no command',
    'by its URI': 'file:///projects/shop/secret.ts:1: error: hunter2 is no command',
    'of a document without a file': 'untitled:secret:1:5: error: hunter2 is no command',
    'over two lines': '.env:1:5: error: no command:\nhunter2',
  };
  for (const [how, line] of Object.entries(kept))
    it(`of a kept file are left out, and that is told: ${how}`, async () => {
      const { attachments, notes } = await of(`src/a.ts:1:1: error: x\n${line}\nsrc/b.ts:2: error: y`);
      assert.deepEqual(
        attachments.map(({ text }) => text),
        ['src/a.ts:1:1: error: x\nsrc/b.ts:2: error: y'],
      );
      assert.deepEqual(notes, ['1 problem was left out because an ignore file or rule keeps the file from models.']);
    });

  it('attach nothing where none is left', async () =>
    assert.deepEqual((await of('.env:1:1: error: x\n.env:2:1: error: y')).attachments, []));

  it('of other files, and other attachments, stay as they are', async () => {
    const given = [
      { kind: 'problems', text: 'src/a.ts:1:1: error: x: .env:3: y' },
      { kind: 'terminal', text: '.env:1: z' },
    ];
    assert.deepEqual(await withoutKeptProblems(given, roots, gate), { attachments: given, notes: [] });
  });
});
