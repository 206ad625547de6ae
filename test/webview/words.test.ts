// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are sources of templates
// The views in another language: every text that people read goes through `t`, and has its German.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { root } from '../architecture/sources.ts';
import { type ShownTexts, shownTexts } from './shown-texts.ts';

const german = JSON.parse(readFileSync(`${root}/l10n/bundle.l10n.de.json`, 'utf8')) as Record<string, string>;
/** What `shared/` says in the language that it is given, and tables whose texts are translated by their name. */
const saidElsewhere =
  /^shared\/(?:review-words|model-words|pictures|hidden-characters|words\/(?:always|job)-words)\.ts$/;
const tables = ['alwaysWords(kind).detail', 'heldReasons[reason]', 'known', 'stateWords[state]'];
/** Names, commands and prompts: they mean the same in every language. */
const same = new Set([
  ...['Switchyard', 'Ollama', 'MD', 'JSON', 'Go', 'Java', 'Python', 'Ruby', 'Rust', 'Shell', 'Home', 'End'],
  ...['ollama pull qwen2.5-coder:7b', 'ollama serve', 'switchyard keys set \u0001'],
  ...['Explain what this code does, and why.', 'Find what is wrong with this code, and fix it.'],
  ...['Write tests for this code.', 'Look at:\n\u0001'],
  ...['This is no picture.', '(prefers-color-scheme: dark)', 'link citation'],
]);
const isShown = ({ file, text }: { file: string; text: string }): boolean =>
  !same.has(text) && !/^webview\/markdown\//.test(file);

describe('the texts of the views', () => {
  let found: ShownTexts;

  before(() => {
    found = shownTexts(`${root}/webview`, /^(?!\.\.\/node_modules\/)/, root);
  });

  it('all go through the function that translates', () => {
    const bare = found.bare.filter(({ file }) => file.startsWith('webview/'));
    assert.deepEqual(bare.filter(isShown), []);
    const names = found.computed.filter(({ file }) => file !== 'webview/words.ts').map(({ text }) => text);
    assert.deepEqual(
      names.filter((name) => !tables.includes(name)),
      [],
      'a text is a literal where it is translated, so that this test can know it',
    );
  });

  it('all have their German', () => {
    const tabled = found.bare.filter(({ file }) => saidElsewhere.test(file));
    const texts = [...found.translated, ...tabled];
    assert.ok(found.translated.length > 500 && tabled.length > 20, `${found.translated.length}, ${tabled.length}`);
    assert.deepEqual(
      texts.filter(({ text }) => !(text in german)),
      [],
    );
  });
});

describe('what finds them', () => {
  const members: Record<string, string> = {
    'text between tags': 'html`<p>shown</p>`',
    'text beside a value': 'html`<p>${count} shown</p>`',
    'an accessible name': 'html`<button aria-label="shown"></button>`',
    'a tooltip': 'html`<button title="shown" @click=${press}></button>`',
    'a placeholder with a value': 'html`<input placeholder="${name} shown" />`',
    'one of two between tags': "html`<b>${isLocal ? t('local') : 'shown'}</b>`",
    'one of two in an attribute': "html`<b title=${isLocal ? 'shown' : t('cloud')}></b>`",
    'what stands in for a value': "html`<b>${name ?? 'shown'}</b>`",
    'a template within a template': 'html`<ul>${rows.map(() => html`<li>shown</li>`)}</ul>`',
    'a sentence in a constant': "const label = 'Everything is shown.';",
    'a sentence with a value': 'const label = `${name} was shown`;',
    'a label in a table': "const labels = { done: 'Shown' };",
    'a value of a translated text': "t('{0} more', isLong ? 'Everything else' : '')",
  };
  const nothing = `
    html\`<p class="quiet text" title=\${t('Shown here')}>\${plural(2, ['{0} chat here', '{0} chats here'])}</p>\`;
    if (key === 'Enter') host.querySelector('Some element');
    const wanted = rows['Any row'];`;
  let bare: ShownTexts['bare'];

  before(() => {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-texts-'));
    writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "noLib": true }, "include": ["."] }');
    for (const [index, source] of [...Object.values(members), nothing].entries())
      writeFileSync(join(folder, `${index}.ts`), source);
    ({ bare } = shownTexts(folder, /^\d+\.ts$/, folder));
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [index, what] of Object.keys(members).entries())
    it(`names ${what}`, () => {
      const texts = bare.filter(({ file }) => file === `${index}.ts`).map(({ text }) => text);
      assert.match(texts.join(), /shown|Shown|Everything else/);
    });

  it('names nothing that is translated, and nothing that nobody reads', () => {
    assert.deepEqual(
      bare.filter(({ file }) => file === `${Object.keys(members).length}.ts`),
      [],
    );
  });
});

describe('a page in German', () => {
  /** Runs in a process of its own, where the page's markup is there before the module is. */
  function inGerman(expression: string, languages = ['de-AT', 'en']): string {
    const program = `
      const texts = { '{0} file': '{0} Datei', '{0} files': '{0} Dateien', 'Delete “{0}”?': '„{0}“ löschen?' };
      globalThis.document = { documentElement: { lang: 'de' }, querySelector: () => ({ content: JSON.stringify(texts) }) };
      Object.defineProperty(globalThis, 'navigator', { value: { languages: ${JSON.stringify(languages)} } });
      const words = await import('${new URL('../../webview/words.ts', import.meta.url).href}');
      process.stdout.write(String(${expression}));`;
    return execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  }

  it('has values in its own order, and English where there is no German', () => {
    assert.equal(inGerman("words.t('Delete “{0}”?', 'A')"), '„A“ löschen?');
    assert.equal(inGerman("words.t('Not there, {0}', 'A')"), 'Not there, A');
  });

  it('has plurals, numbers, and money of its language', () => {
    const files = "words.plural(1, ['{0} file', '{0} files']) + words.plural(12345, ['{0} file', '{0} files'])";
    assert.equal(inGerman(files, ['de-DE']), '1 Datei12.345 Dateien');
    assert.equal(inGerman("words.inLocale('<$0.012 · 1.2k')", ['de-DE']).replaceAll('\u00a0', ' '), '<0,012 $ · 1,2k');
  });

  it("is of the user's own kind of German", () => {
    assert.equal(inGerman('words.locale'), 'de-AT');
    assert.equal(inGerman('words.locale', ['fr-FR']), 'de');
  });
});
