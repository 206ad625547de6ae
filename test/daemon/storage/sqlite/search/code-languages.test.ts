// In which languages there is code: of one text, of chats in their list, of what a search finds. The storage is the real one.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hasCodeIn, type MessageText } from '../../../../../daemon/storage/sqlite/search/text/code-languages.ts';
import { indexed } from '../../indexed.ts';
import { openTestStorage, type TestStorage, testFolder } from '../../open-storage.ts';

const fenced = (language: string, text = 'x') => `Look:\n\n\`\`\`${language}\n${text}\n\`\`\`\n`;

describe('code in a language', () => {
  const cases: readonly [language: string, written: MessageText, has: boolean][] = [
    ['typescript', { text: fenced('ts') }, true],
    ['typescript', { text: fenced('TypeScript title="a.ts"') }, true],
    ['typescript', { text: '- so:\n  ~~~tsx\n  x\n  ~~~' }, true],
    ['typescript', { text: fenced('json') }, false],
    ['typescript', { text: 'ts is a language; `ts` too' }, false],
    ['c', { text: fenced('css') }, false],
    ['cpp', { text: fenced('c++') }, true],
    ['zig', { text: fenced('zig') }, true],
    [
      'python',
      { text: 'Why?', attachments: '[{"kind":"file","uri":"file:///a.txt","languageId":"python","text":""}]' },
      true,
    ],
    ['python', { text: 'Why?', attachments: '[{"kind":"file","uri":"file:///A.PY","text":""}]' }, true],
    ['python', { text: 'Why?', attachments: '[{"kind":"file","uri":"file:///a.pyc","text":"python"}]' }, false],
    ['rust', { text: 'A loop', uri: 'file:///src/main.rs' }, true],
    ['constructor', { text: fenced('toString') }, false],
  ];
  for (const [language, written, has] of cases) {
    it(`${language} is ${has ? '' : 'not '}in ${JSON.stringify(written)}`, () =>
      assert.equal(hasCodeIn(language, written), has));
  }

  async function say(
    storage: TestStorage,
    title: string,
    message: { text: string; attachments?: unknown[] },
  ): Promise<string> {
    const { id } = await storage.chats.createChat({ title });
    return (await storage.chats.addUserMessage(id, message)).id;
  }

  it('lists the chats that have it, page by page, though a page may have none', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    await say(storage, 'old', { text: fenced('py') });
    await say(storage, 'attached', { text: 'Why?', attachments: [{ kind: 'file', uri: 'file:///a.py', text: 'x' }] });
    for (let chat = 0; chat < 4; chat++) await say(storage, `ts ${chat}`, { text: fenced('ts') });
    const first = await storage.chats.listChats({ language: 'Python', limit: 3 });
    assert.deepEqual(first.items, []);
    const second = await storage.chats.listChats({
      language: 'Python',
      limit: 3,
      ...(first.next && { cursor: first.next }),
    });
    assert.deepEqual([second.items.map(({ title }) => title), second.next], [['attached', 'old'], undefined]);
  });

  it('finds the messages and findings that have it', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const python = await say(storage, 'one', { text: `The walrus ${fenced('py')}` });
    await say(storage, 'two', { text: `The walrus ${fenced('ts')}` });
    const attached = await say(storage, 'three', {
      text: 'A walrus, attached',
      attachments: [{ kind: 'file', uri: 'file:///a.py', text: 'x' }],
    });
    const finding = {
      message: 'a walrus operator',
      evidence: ':=',
      source: 'lab/tiny',
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 2 } },
    };
    const findings = (['a.py', 'b.ts'] as const).map((name) => ({
      id: name,
      runId: 'r1',
      uri: `file:///${name}`,
      fingerprint: name,
      finding,
    }));
    await storage.findings.saveRun({ id: 'r1', uri: 'file:///a.py', summary: '', findings });
    for (const when of ['at once', 'indexed']) {
      const { hits } = await storage.search.find({ query: 'walrus', language: 'python' });
      assert.deepEqual(hits.map(({ id }) => id).sort(), [attached, python, 'a.py'].sort(), when);
      await indexed(storage);
    }
  });
});

describe('a search while much waits to be indexed', () => {
  it('says how much of it cannot be found yet', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const { id } = await storage.chats.createChat({ title: 'long' });
    const adding = Array.from({ length: 1500 }, (_, index) =>
      storage.chats.addUserMessage(id, { text: `line ${index}` }),
    );
    const { notes } = await storage.search.find({ query: 'line' }); // asked behind them, before there is time to index
    await Promise.all(adding);
    assert.match(notes.join(), /^Still indexing: [\d,]+ items can't be found yet\.$/);
    await indexed(storage);
    assert.deepEqual((await storage.search.find({ query: 'line' })).notes, []);
  });
});
