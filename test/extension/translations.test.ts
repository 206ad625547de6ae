// German is whole: every text of the manifest and every sentence that a message is given has its translation, with the same placeholders.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { cleanShown } from '../../extension/logic/clean-shown.ts';
import { projectFiles, root } from '../architecture/sources.ts';
import { localise } from '../localise.ts';

const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8');
const german = JSON.parse(read('l10n/bundle.l10n.de.json')) as Record<string, string>;
const manifest = JSON.parse(read('package.json')) as object;
const sources = projectFiles().filter((file) => file.startsWith('extension/'));

const literal = String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"`;
/** A literal's text: what differs between the two kinds of quotes is only which one is escaped. */
const textOf = (quoted: string): string => quoted.slice(1, -1).replace(/\\(['"\\])/g, '$1');

/** The first literals of calls: a message's sentence, and what is translated where it is put together. */
function said(call: string): { file: string; text: string }[] {
  const pattern = new RegExp(`${call}\\(\\s*(${literal})`, 'g');
  return sources.flatMap((file) =>
    [...read(file).matchAll(pattern)].map(([, quoted = '']) => ({ file, text: textOf(quoted) })),
  );
}

const messageCall = String.raw`\.show(?:Information|Warning|Error)Message`;
/** Links' targets, placeholders, and settings' names: they mean the same in every language. */
const marks = (text: string): string[] => (text.match(/\{\d+\}|\]\([^)]*\)|`[^`]+`/g) ?? []).toSorted();

describe('the German texts', () => {
  it('are whole for the manifest', () => {
    const { english, translated } = localise(manifest, german);
    const missing = Object.entries(english).filter(([key]) => !(key in translated));
    assert.deepEqual(
      missing.map(([, text]) => text),
      [],
    );
    assert.ok(Object.keys(english).length > 100);
  });

  it('are whole for the sentences of messages', () => {
    const all = [...said(messageCall), ...said(String.raw`l10n\.t`)];
    assert.ok(all.length > 30, `${all.length}`);
    assert.deepEqual(
      all.filter(({ text }) => !(text in german)),
      [],
    );
  });

  it('have the placeholders, links, and names of their English texts', () => {
    for (const [text, translation] of Object.entries(german)) assert.deepEqual(marks(translation), marks(text), text);
  });

  it('are shown in place of the English ones, and a button is answered by its English name', async () => {
    const told: string[] = [];
    const window = {
      show: (...texts: string[]) => {
        told.push(...texts);
        return Promise.resolve(texts.at(-1));
      },
    };
    const answer = await cleanShown(window, (text) => german[text] ?? text).show('Open the file to attach.', 'Undo');
    assert.deepEqual(told, ['Öffnen Sie die Datei, die angehängt werden soll.', 'Rückgängig']);
    assert.equal(answer, 'Undo');
  });
});

describe('the packaged manifest', () => {
  it('has a key in place of each text, and the text under that key', () => {
    const { keyed, english } = localise(manifest, german);
    const filled = JSON.stringify(keyed).replace(/"%([^%"]+)%"/g, (_, key: string) => JSON.stringify(english[key]));
    assert.deepEqual(JSON.parse(filled), manifest);
  });
});
