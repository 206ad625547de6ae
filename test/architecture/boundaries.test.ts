// The dependency rules, checked on every import of the project.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { outbound, rootEntries, rules, soleImporters } from './boundaries.ts';
import { circlesOf } from './circles.ts';
import { importsOf, projectFiles, read, root } from './sources.ts';

const sources = projectFiles().filter(
  (file) => /\.(ts|mts|mjs)$/.test(file) && !file.startsWith('media/') && !file.endsWith('.d.ts'),
);

function violations(file: string, text?: string): string[] {
  const rule = rules.find(({ files }) => files.test(file));
  if (!rule) return [`${file}: no rule; give its folder one in boundaries.ts`];
  return importsOf(file, text).flatMap(({ target, isPackage }) => {
    const sole = soleImporters[target];
    if (isPackage && sole && !sole.test(file) && !file.startsWith('test/'))
      return [`${file} imports ${target}, which only ${sole} may`];
    const allowed = isPackage ? rule.packages.includes('*') || rule.packages.includes(target) : rule.may.test(target);
    return allowed ? [] : [`${file} imports ${target}`];
  });
}

describe('the house', () => {
  it('keeps every import within the table', () => {
    assert.deepEqual(
      sources.flatMap((file) => violations(file)),
      [],
    );
  });

  it('would see a forbidden import of any form', () => {
    const forms = [
      "import { x } from '../../extension/main.ts';",
      "export type { X } from '../../extension/main.ts';",
      "const x = await import('../../extension/main.ts');",
      "import type {\n  A,\n  B,\n} from '../../extension/main.ts';",
      "import '../../extension/main.ts';",
    ];
    for (const form of forms) assert.equal(violations('daemon/base/log.ts', form).length, 1, form);
    assert.equal(violations('extension/main.ts', "import Database from 'better-sqlite3';").length, 1);
  });

  it('has no circle of imports, types included', () => {
    const files = sources.filter((file) => /^(daemon|extension|webview|shared)\//.test(file));
    const graph = new Map(files.map((file) => [file, importsOf(file).map(({ target }) => target)]));
    assert.deepEqual(circlesOf(graph), []);
  });

  it('would see a circle of any length', () => {
    const graph = new Map([
      ['a', ['b', 'c', 'zod']],
      ['b', ['c']],
      ['c', ['d']],
      ['d', ['b', 'e']],
      ['e', []],
      ['f', ['f']],
      ['g', ['h']],
      ['h', ['g', 'i']],
      ['i', ['h', 'a']],
    ]);
    assert.deepEqual(circlesOf(graph).sort(), ['b -> c -> d -> b', 'f -> f', 'g -> h -> g (of 3 files tied together)']);
  });

  // knip.json names the entries that no import leads to. Tests are entries too, so what a test alone imports may be exported.
  it('has no file, export or package that is not used', () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/knip/bin/knip.js'), '--no-progress'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    assert.equal(stdout + stderr, '');
  });

  it('knows every folder and file at its root', () => {
    const entries = new Set(projectFiles().map((file) => file.split('/')[0] ?? ''));
    assert.deepEqual(
      [...entries].filter((entry) => !rootEntries.has(entry)),
      [],
    );
  });

  it('opens outbound connections in one module', () => {
    const daemon = sources.filter((file) => /^(daemon|extension|shared)\//.test(file) && !outbound.allowed.test(file));
    const calls = daemon.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, index) =>
          outbound.pattern.test(line.replace(/\/\/.*/, '')) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
    assert.deepEqual(
      calls.filter((call) => !isInjectedFetch(call)),
      [],
    );
  });

  it('writes to stdout only where a connection or the command line does', () => {
    const writers = sources.filter(
      (file) => file.startsWith('daemon/') && /process\.stdout|console\.(log|info)/.test(read(file)),
    );
    assert.deepEqual(
      writers.filter((file) => !/^daemon\/(cli\/|main\.ts|keys\/keychain\.ts)/.test(file)),
      [],
    );
  });
});

/** A parameter named `fetch` is the egress module's, handed in. */
function isInjectedFetch(call: string): boolean {
  const file = call.slice(0, call.indexOf(':'));
  return /(?<![.\w])fetch\(/.test(call) && /\bfetch\b[^\n]*(: Fetch|\}: )|\{[^}]*\bfetch\b[^}]*\}/.test(read(file));
}
