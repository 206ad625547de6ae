// German is whole: every text of the manifest, and of the extension's messages, lists, prompts and status bar, has its translation, with the
// same placeholders. Texts with values in them are translated where they are put together.
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

/** Reports stay English. */
const english = /^extension\/(view-page|logic\/written-code)/;
/** One of two where a condition chooses. */
const choice = String.raw`\s*(?:[^,'"\x60{}()]*\?\s*)?(${literal})(?:\s*:\s*(${literal}))?`;

interface SaidText {
  file: string;
  text: string;
}

/** Literals that follow, without an icon before their words. */
function said(before: string): SaidText[] {
  const pattern = new RegExp(before + choice, 'g');
  return sources
    .filter((file) => !english.test(file))
    .flatMap((file) =>
      [...read(file).matchAll(pattern)].flatMap(([, ...quoted]) =>
        quoted
          .filter((one) => one !== undefined)
          .map((one) => ({ file, text: textOf(one).replace(/^\$\(\S+\) /, '') })),
      ),
    )
    .filter(({ text }) => /[A-Za-z]{2}/.test(text));
}

const shown = {
  messages: String.raw`(?:\.show(?:Information|Warning|Error)Message|withCancellableProgress)\(`,
  'lists and prompts': String.raw`\b(?:label|placeHolder|title|prompt|detail|description|tooltip|openLabel|saveLabel)\s*:`,
  'texts with values': String.raw`\b(?:l10n\.t|t)\(`,
};
/** A text with values that is shown as it is put together. */
const untranslated = String.raw`(?:\.show(?:Information|Warning|Error)Message\(|withCancellableProgress\(|\b(?:label|placeHolder|title|prompt|detail|description|tooltip)\s*:)\s*\x60([^\x60]*)\x60`;
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

  for (const [what, before] of Object.entries(shown))
    it(`are whole for ${what}`, () => {
      const all = said(before);
      assert.ok(all.length > 30, `${all.length}`);
      assert.deepEqual(
        all.filter(({ text }) => !(text in german)),
        [],
      );
    });

  it('have the words around a value, too', () => {
    const all = sources
      .filter((file) => !english.test(file))
      .flatMap((file) =>
        [...read(file).matchAll(new RegExp(untranslated, 'g'))].map(([, text = '']) => ({ file, text })),
      );
    const words = (text: string): string => text.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}|\$\(\S*\)|Switchyard/g, '');
    assert.deepEqual(
      all.filter(({ text }) => /[A-Za-z]{2}/.test(words(text))),
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
