// What the editor has to load before the extension is active: nothing but its own few files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';

describe('activation', () => {
  it('loads neither the language client nor the schemas nor a gesture', () => {
    const { files, packages } = loadedBy(new URL('../../extension/main.ts', import.meta.url));
    assert.deepEqual(
      [...packages].filter((name) => name !== 'vscode' && !name.startsWith('node:')),
      [],
    );
    assert.deepEqual(
      [...files].filter((file) => /\/commands\//.test(file)),
      [],
    );
  });
});

/** Follows the imports that are evaluated at once; types are erased, and `import()` waits. */
function loadedBy(entry: URL): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (files.has(file.href)) continue;
    files.add(file.href);
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type )[^;]* from '([^']+)';/gm,
    )) {
      if (specifier.startsWith('.')) waiting.push(new URL(specifier, file));
      else packages.add(specifier);
    }
  }
  return { files, packages };
}
