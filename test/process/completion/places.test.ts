// Ghost text over real LSP in the documents that people have: other line ends, letters of two code units, cells, files of other machines.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { InlineCompletion, inlineTrigger } from '../../../shared/protocol/completion.ts';
import { writeScriptedModel } from '../../fakes/gguf.ts';
import { Home } from '../home.ts';
import { openEditor } from '../lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;

describe('ghost text in a document', () => {
  let home: Home;
  let editor: Editor;
  before(async () => {
    home = new Home();
    writeScriptedModel(home.file('data', 'models', 'coder.gguf'), 'a + b);\nreturn 1;', {
      fimAfter: '(=x',
      when: [{ promptHas: 'def ', script: '\n    return first + second\n\nprint(1)' }],
    });
    editor = await openEditor(home, { folder: folder(), switchyard: { workspaceTrusted: true } });
  });
  after(() => home[Symbol.asyncDispose]());
  const folder = () => pathToFileURL(home.project('work')).href;

  /** What is suggested at `|`, with the range it takes. */
  async function suggestedAt(
    marked: string,
    { uri, languageId = 'javascript', isInvoked = false, by = editor }: PlaceOptions,
  ) {
    const [above = ''] = marked.split('|');
    const text = marked.replace('|', '');
    by.open(uri, text, languageId);
    const lines = above.split('\n');
    const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    const context = { triggerKind: isInvoked ? inlineTrigger.invoked : inlineTrigger.automatic };
    const { items, note } = await by.call(InlineCompletion, { textDocument: { uri }, position, context });
    by.notify('textDocument/didClose', { textDocument: { uri } });
    const at = { start: position, end: position };
    for (const { range } of items) assert.deepEqual(range, at);
    return { texts: items.map(({ insertText }) => insertText), note };
  }
  interface PlaceOptions {
    uri: string;
    languageId?: string;
    isInvoked?: boolean;
    by?: Editor;
  }

  const filler = 'value = compute(1);\n'.repeat(10_000);
  const rows: Record<string, { text: string; name?: string; languageId?: string; suggestion?: string[] }> = {
    'of lines that end with CRLF': { text: 'let a = 1;\r\ncall(|\r\nmore();\r\n' },
    'of lines that end with CRLF, in several lines': {
      text: 'import os\r\ndef add(first, second):|\r\nprint(add)\r\n',
      name: 'crlf.py',
      languageId: 'python',
      suggestion: ['\r\n    return first + second'],
    },
    'that is indented by tabs': { text: 'if (a) {\n\tcall(|\n}\n' },
    'with letters of two code units before the cursor': { text: 'const s = "😀👩‍👩‍👧"; call(|' },
    'in a string': { text: 'let s = "x|";', suggestion: ['a + b);'] },
    'in a comment': { text: '// call(|' },
    'at its end, without a line end': { text: 'let a;\ncall(|' },
    'of 20,000 lines': { text: `${filler}call(|\n${filler}` },
    'of one line that no person has written': { text: `${'a=b;'.repeat(50_000)}call(|` },
    'with a byte of zero': { text: 'let a = "\0";\ncall(|' },
    'that was never saved': { text: 'call(|', name: 'untitled:Untitled-1' },
    'that is a cell of a notebook': {
      text: 'call(|',
      name: 'vscode-notebook-cell:/project/x.ipynb#W0sZmlsZQ%3D%3D',
      languageId: 'python',
    },
    'of Windows': { text: 'call(|', name: 'file:///c%3A/Users/a/b.js' },
    'of another machine, by a model of this one': { text: 'call(|', name: 'vscode-remote://ssh-remote%2Bhost/a.js' },
    'within a word, where nobody asks for it': { text: 'call(na|me)', suggestion: [] },
  };
  for (const [what, { text, name = `${what.replaceAll(/\W/g, '-')}.js`, languageId, suggestion }] of Object.entries(
    rows,
  ))
    it(what, async () => {
      const uri = /^\w[\w-]+:/.test(name) ? name : `${folder()}/${name}`;
      const { texts } = await suggestedAt(text, { uri, ...(languageId && { languageId }) });
      assert.deepEqual(texts, suggestion ?? ['a + b);']);
    });

  it('ends where a model has nothing to say after the word that it has to begin with', async () => {
    const { note } = await suggestedAt('call(na|me)', { uri: `${folder()}/word.js`, isInvoked: true });
    assert.equal(note, undefined);
  });

  it('that is empty has none, and no error', async () => {
    assert.deepEqual(await suggestedAt('|', { uri: `${folder()}/empty.js`, isInvoked: true }), {
      texts: [],
      note: undefined,
    });
  });

  it('is of its own window, where two have it open with other texts', async () => {
    const second = await openEditor(home, { folder: folder(), switchyard: { workspaceTrusted: true } });
    const uri = `${folder()}/both.py`;
    const python = { uri, languageId: 'python' };
    const answers = await Promise.all([
      suggestedAt('call(|', python),
      suggestedAt('def add(first, second):|\n', { ...python, by: second }),
    ]);
    assert.deepEqual(
      answers.map(({ texts }) => texts),
      [['a + b);'], ['\n    return first + second']],
    );
    await second.leave();
  });
});
