// When an answer counts as a loop, and that real files never do.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { RepetitionWatch } from '../../../../daemon/models/inference/repetition.ts';

/** Words and marks as numbers, about as a tokenizer splits them; resolves with where the loop was noticed. */
function noticedAt(text: string): number | undefined {
  const watch = new RepetitionWatch();
  const ids = new Map<string, number>();
  const words = text.match(/\w{1,4}|\s+|[^\w\s]/g) ?? [];
  for (const [i, word] of words.entries()) {
    const id = ids.get(word) ?? ids.size;
    ids.set(word, id);
    if (watch.add(id)) return i;
  }
  return undefined;
}

const paragraph =
  'The number zero is a concept of mathematics. It is the additive identity, since any number plus zero is that number. It has been studied in many branches, such as algebra, geometry and calculus, and it is widely used. ';

describe('an answer', () => {
  it('is a loop when it repeats a character, a sentence, a paragraph or several of them', () => {
    for (const piece of [
      '0, ',
      'It is what it is.\n',
      paragraph,
      `${paragraph}\nIn other words: ${paragraph.toUpperCase()}`,
    ]) {
      const at = noticedAt(`To begin with, here is what I know. ${piece.repeat(400)}`);
      assert.ok(at !== undefined && at < 4000, `${JSON.stringify(piece.slice(0, 40))} was noticed at ${at}`);
    }
  });

  it('is none where it holds any of 200 real files', () => {
    const root = fileURLToPath(new URL('../../../../', import.meta.url));
    const files = [
      'node_modules/**/*.{js,json,md,css,ts}',
      'daemon/**/*.ts',
      'webview/**/*.{ts,css}',
      'package-lock.json',
    ]
      .flatMap((pattern) => globSync(pattern, { cwd: root }).toSorted())
      .filter((file, i) => !file.includes('.min.') && (i % 97 === 0 || !file.startsWith('node_modules')))
      .map((file) => ({ file, text: read(`${root}${file}`) }))
      .filter(({ text }) => text.length > 5000)
      .slice(-200);
    assert.equal(files.length, 200);
    assert.deepEqual(
      files.filter(({ text }) => noticedAt(text) !== undefined).map(({ file }) => file),
      [],
    );
  });
});

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, 60_000);
  } catch {
    return ''; // a folder with a dot in its name
  }
}
