// A language's name as VS Code shows it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { languageName } from '../../../extension/completion/language-name.ts';

const contributing = (...languages: object[]) => ({ contributes: { languages } });
const manifests = [
  contributing({ id: 'typescript', aliases: ['TypeScript', 'ts'] }, { id: 'json' }),
  {},
  { contributes: { languages: 'none' } },
  contributing({ id: 'typescript', extensions: ['.mts'] }, { id: 'tags', aliases: [] }),
  contributing({ id: 'vue', aliases: ['Vue'] }, { id: 'vue', aliases: ['Vue.js'] }),
];

describe("a language's name", () => {
  const names: Record<string, [string, string]> = {
    'is its first alias': ['typescript', 'TypeScript'],
    'is what the last extension that names it says': ['vue', 'Vue.js'],
    'is its id where no extension names it': ['json', 'json'],
    'is its id where it has no aliases': ['tags', 'tags'],
    'is known of plain text': ['plaintext', 'Plain Text'],
  };
  for (const [what, [id, name]] of Object.entries(names))
    it(what, () => assert.equal(languageName(id, manifests), name));
});
