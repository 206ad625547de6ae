// Typing through the daemon, in counts: what is read again from key to key, that nothing stale is shown however often one cancels, and that no
// suggestion repeats what follows.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { InlineCompletion } from '../../../shared/protocol/completion.ts';
import { writeRandomModel } from '../../fakes/gguf.ts';
import { Home } from '../home.ts';
import { openEditor } from '../lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;

const keys = 60;
const cancels = 60;
const code = Array.from({ length: 120 }, (_, i) => `function step${i}(value) {\n  return value + ${i};\n}\n`).join(
  '\n',
);
const typed =
  'const first = step1(2);\nconst second = step2(first);\nif (second > 3) {\n  console.log(first, second);\n}\n'.repeat(
    4,
  );

describe('typing with ghost text', () => {
  let home: Home;
  let editor: Editor;
  let version = 1;

  before(async () => {
    home = new Home();
    writeRandomModel(home.file('data', 'models', 'babble.gguf'), { fim: true, contextTokens: 16_384 });
    editor = await openEditor(home, {
      folder: pathToFileURL(home.project('work')).href,
      switchyard: { workspaceTrusted: true },
    });
  });
  after(() => home[Symbol.asyncDispose]());

  /** A document that is typed into at its middle, letter by letter. */
  function begin(name: string) {
    const uri = pathToFileURL(home.project('work', name)).href;
    const position = { line: 239, character: 0 }; // an empty line
    editor.open(uri, code, 'pascal');
    version = 1;
    return {
      uri,
      position,
      type(letter: string): void {
        const text = letter;
        editor.change(uri, ++version, { range: { start: { ...position }, end: { ...position } }, text });
        if (letter === '\n') Object.assign(position, { line: position.line + 1, character: 0 });
        else position.character++;
      },
      ask: () => editor.ask(InlineCompletion, { textDocument: { uri }, position: { ...position } }),
    };
  }

  it(`reads at most a tenth of the prompt again, at 9 of 10 keys of ${keys}`, async () => {
    const document = begin('trace.pas');
    const shares: number[] = [];
    for (const letter of typed.slice(0, keys)) {
      document.type(letter);
      const { read } = await document.ask().result;
      if (read) shares.push((read.tokens - read.cached) / read.tokens);
    }
    assert.ok(shares.length > keys / 4, `${shares.length} of ${keys} keys asked the model`);
    const [p90 = 1] = shares.toSorted((a, b) => a - b).slice(Math.floor(shares.length * 0.9));
    assert.ok(p90 <= 0.1, `${(p90 * 100).toFixed(1)} % read again at p90`);
  });

  it(`shows nothing stale after ${cancels} keys that each cancel the one before`, async () => {
    const document = begin('cancels.txt');
    const outcomes: Promise<'cancelled' | 'answered'>[] = [];
    for (const letter of typed.slice(0, cancels)) {
      document.type(letter);
      const asked = document.ask();
      outcomes.push(
        asked.result.then(
          () => 'answered' as const,
          () => 'cancelled' as const,
        ),
      );
      if (outcomes.length % 3 > 0) asked.cancel(); // the others are ended by the next key
    }
    const last = await document.ask().result;
    const answered = (await Promise.all(outcomes)).filter((outcome) => outcome === 'answered');
    assert.ok(answered.length < cancels / 2, `${answered.length} older ones were answered`);
    assert.ok(last.read && last.read.tokens > 0, 'the newest one was asked');
  });
});
