// ARCHITECTURE.md is a map of the house as it stands: what it names is there, and the route of a question is as long as it says.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { projectFiles, read, root } from './sources.ts';

const maxFunctions = 8;
const map = read('ARCHITECTURE.md');

/** Paths in backticks, as they stand in the text; a name alone is a folder of the row or of a user. */
const named = [...map.matchAll(/`((?:[a-z-]+\/)+(?:[a-z-]+\.[a-z]+)?)`/g)]
  .map(([, path = '']) => path)
  .filter((path) => path.slice(0, -1).includes('/'));

/** The functions that a question is handed to, with their files, from the first bullet of the routes. */
const route = [...(map.match(/\*\*Chat\*\*[\s\S]*?The shapes/)?.[0] ?? '').matchAll(/`([a-z/-]+\.ts)`\s+`(\w+)`/g)].map(
  ([, file = '', name = '']) => ({ file: `daemon/${file}`, name }),
);

describe('the map', () => {
  it('names files and folders that are there', () => {
    const isThere = (path: string): boolean =>
      [path, `daemon/${path}`, `daemon/features/${path}`].some((each) => existsSync(join(root, each)));
    assert.ok(named.length > 60, `${named.length} paths were found`);
    assert.deepEqual(
      named.filter((path) => !isThere(path)),
      [],
    );
  });

  it('has a row for each folder of the daemon', () => {
    const folders = new Set(
      projectFiles()
        .filter((file) => /^daemon\/[a-z-]+\//.test(file))
        .map((file) =>
          file
            .split('/')
            .slice(0, /^daemon\/(features|models)\//.test(file) ? 3 : 2)
            .join('/'),
        ),
    );
    const rows = new Set([...map.matchAll(/^\| `([\w/.-]+?)\/?` \|/gm)].map((match) => match[1]));
    assert.deepEqual(
      [...folders].filter((folder) => !rows.has(folder)),
      [],
    );
  });

  it(`a question passes at most ${maxFunctions} functions, each of which knows the next`, () => {
    assert.ok(route.length > 4 && route.length <= maxFunctions, route.map(({ name }) => name).join(' > '));
    for (const [index, { file, name }] of route.entries()) {
      const text = read(file);
      assert.match(
        text,
        new RegExp(`(function|class|const|async|\\s)\\*?\\s*${name}\\b\\s*[=(:{]|class ${name}\\b`),
        `${file} has ${name}`,
      );
      const next = route[index + 1];
      if (next)
        assert.match(text, new RegExp(`\\b(new )?${next.name}\\(`), `${file} hands the question to ${next.name}`);
    }
  });
});
