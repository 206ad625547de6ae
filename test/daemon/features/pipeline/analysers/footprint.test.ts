// What analysers leave behind: nothing, whatever a project's configuration asks for; and what of a project they use where it is not trusted.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createAnalysers } from '../../../../../daemon/features/pipeline/analysers/analysers.ts';
import { targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import type { Draft } from '../../../../../daemon/features/pipeline/types.ts';
import { snippetOf, strictLog } from '../parts.ts';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../../../..');
const path = [join(repository, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);

/** A project whose configuration asks for as much as it can, and whose rules are switched off. */
const files: Readonly<Record<string, string>> = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      composite: true,
      outDir: '../out',
      tsBuildInfoFile: '../out/info',
      generateTrace: '../out/trace',
    },
    include: ['*.ts'],
  }),
  'biome.json': JSON.stringify({ linter: { enabled: false }, files: { includes: ['!**/a.css'] } }),
  'ruff.toml': 'fix = true\ncache-dir = "../out"\n[lint]\nignore = ["ALL"]\n',
  '.shellcheckrc': 'disable=all\nexternal-sources=true\n',
  'eslint.config.mjs': 'import fs from "node:fs"; fs.writeFileSync("../out", ""); export default [];',
  'go.mod': 'module example.test/a\n\ngo 1.20\n',
  '.python-version': '/../../bin\n',
  'a.ts': 'export const one: string = 1;\n',
  'a.css': 'a { color: red; color: red; }\n',
  'a.py': 'import os\n',
  'a.sh': '#!/bin/sh\necho $1\n',
  'a.go': 'package a\n\nfunc a() int {\n\tx := 1\n\tx = x\n\treturn x\n}\n',
  'a.mjs': 'const a = ;\n',
  '.oxlintrc.json': '{"ignorePatterns":["b.mjs"]}',
  'b.mjs': 'debugger;\n',
  'mypy.ini': '[mypy]\ncache_dir = ../out\nplugins = ./a.py\n',
  'pyrightconfig.json': '{"executionEnvironments":[]}',
  'staticcheck.conf': 'checks = ["all"]\n',
  'Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n[lib]\npath = "a.rs"\n',
  'Cargo.lock': 'version = 3\n\n[[package]]\nname = "a"\nversion = "0.1.0"\n',
  'a.rs': 'pub fn f(a: &str) -> bool {\n    a.len() == 0\n}\n',
  '.hadolint.yaml': 'ignored: [DL4000]\n',
  Dockerfile: 'FROM debian:12\nMAINTAINER me\n',
  '.yamllint': 'ignore: [a.yml]\n',
  'a.yml': 'a: 1\na: 2\n',
  'A.java': 'class A {\n  int a = "s"; B b;\n}\n',
  'B.java': 'class B {}\n',
  'native/a.c': '#include "a.h"\nint f(void) { int a[2]; return a[INDEX]; }\nint g(void) { int a[2]; return a[2]; }\n',
  'native/a.h': '#define INDEX 2\n',
  '.clang-tidy': 'Checks: "*"\n',
  '.semgrep.yml': 'rules:\n- {id: a, pattern: print(...), message: No., severity: ERROR, languages: [python]}\n',
};

describe('the footprint of an analyser', () => {
  let place = '';
  let environment: NodeJS.ProcessEnv = {};
  const at = (...names: string[]): string => join(place, ...names);

  beforeEach(() => {
    place = mkdtempSync(join(realpathSync(tmpdir()), 'switchyard-footprint-'));
    for (const folder of ['project/native', 'home', 'tmp', 'bin']) mkdirSync(at(folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(at('project', name), text);
    environment = { ...process.env };
    for (const name of ['XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'GOCACHE', 'GOENV']) delete process.env[name];
    process.env['RUSTUP_HOME'] ??= join(homedir(), '.rustup'); // Rust's programs are there
    process.env['CARGO_HOME'] ??= join(homedir(), '.cargo'); // and its own locks and caches, which are no project's
    Object.assign(process.env, { HOME: at('home'), USERPROFILE: at('home'), TMPDIR: at('tmp'), TEMP: at('tmp') });
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    rmSync(place, { recursive: true });
  });

  /** Every file below the place, with what is in it, but for our own cache. */
  function snapshot(): string[] {
    return readdirSync(place, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.split(/[\\/]/)[0] !== 'cache')
      .map((name) => (statSync(at(name)).isFile() ? `${name}: ${readFileSync(at(name), 'utf8')}` : name))
      .toSorted();
  }

  async function analyse(file: string, { trusted, PATH = path }: { trusted: boolean; PATH?: string }) {
    const drafts: Draft[] = [];
    const uri = pathToFileURL(at('project', file)).href;
    const analysers = createAnalysers({ log: strictLog, env: { PATH }, cacheFolder: at('cache') });
    const target = targetOf(snippetOf(files[file] ?? '', { uri }));
    const { signal } = new AbortController();
    const analysis = analysers.begin([target], { root: at('project'), trusts: async () => trusted, signal });
    const outcome = await analysis.analyse(target, async (found) => void drafts.push(...found));
    const ran = outcome.looks.filter(({ state }) => state === 'read').map(({ by }) => by);
    return { ...outcome, ran, rules: drafts.map(({ source, rule }) => `${source} ${rule}`) };
  }

  /** The tools by the file that each reads; those that this machine lacks are passed over. */
  const real: [tool: string, program: string, file: string, finds: RegExp, isolated: boolean][] = [
    ['tsc', 'tsc', 'a.ts', /TS2322/, false],
    ['biome', 'biome', 'a.css', /lint\/suspicious\/noDuplicateProperties/, true],
    ['ruff', 'ruff', 'a.py', /F401/, true],
    ['python', 'python3', 'a.py', /^$/, true],
    ['node', 'node', 'a.mjs', /syntax/, true],
    ['go vet', 'go', 'a.go', /assign/, false],
    ['shellcheck', 'shellcheck', 'a.sh', /SC2086/, true],
    ['oxlint', 'oxlint', 'b.mjs', /no-debugger/, true],
    ['staticcheck', 'staticcheck', 'a.go', /./, false],
    ['clippy', 'cargo-clippy', 'a.rs', /./, false],
    ['javac', 'javac', 'A.java', /^javac syntax$/, true],
    ['cppcheck', 'cppcheck', 'native/a.c', /^cppcheck arrayIndexOutOfBounds/, true],
    ['clang-tidy', 'clang-tidy', 'native/a.c', /./, false],
    ['hadolint', 'hadolint', 'Dockerfile', /DL4000/, true],
    ['yamllint', 'yamllint', 'a.yml', /key-duplicates/, true],
    ['semgrep', 'semgrep', 'a.py', /./, false],
  ];
  for (const [tool, program, file, finds, isIsolated] of real)
    for (const trusted of [true, false])
      it(`is nothing, of ${tool} in a folder that is ${trusted ? '' : 'not '}trusted`, async function () {
        if (!path.split(delimiter).some((folder) => existsSync(join(folder, program)))) this.skip();
        const before = snapshot();
        const { looks, rules, notes } = await analyse(file, { trusted });
        assert.deepEqual(snapshot(), before);
        const leftOut = trusted && ['biome', 'shellcheck', 'oxlint', 'yamllint'].includes(tool); // by the project's configuration
        const expected = leftOut ? 'left-out' : trusted || isIsolated ? 'read' : 'untrusted';
        assert.equal(looks.find(({ by }) => by === tool)?.state, expected, notes.join('\n'));
        const own = rules.filter((rule) => rule.startsWith(`${tool} `)).join();
        if (!trusted && isIsolated) assert.match(own, finds, 'what the project switches off is found');
        if (!trusted && !isIsolated) assert.match(notes.join(), new RegExp(`isn't trusted.*${tool}`));
        if (tool === 'tsc' && trusted) assert.match(rules.join(), finds);
      });

  const told: [program: string, file: string, argument: string][] = [
    ['biome', 'a.css', '--config-path='],
    ['ruff', 'a.py', '--isolated'],
    ['shellcheck', 'a.sh', '--norc'],
    ['python3', 'a.py', '-I'],
    ['oxlint', 'b.mjs', '--disable-nested-config'],
    ['yamllint', 'a.yml', '-d'],
    ['hadolint', 'Dockerfile', '-'],
    ['javac', 'A.java', '-classpath'],
    ['cppcheck', 'native/a.c', 'a.c'],
  ];
  for (const [program, file, argument] of told)
    it(`begins outside of the project, and with ${argument}, of ${program} in a folder that is not trusted`, async function () {
      if (process.platform === 'win32') this.skip();
      const record = at('record');
      writeFileSync(at('bin', program), `#!/bin/sh\npwd > '${record}'\necho "$@" >> '${record}'\nenv >> '${record}'\n`);
      chmodSync(at('bin', program), 0o755);
      process.env['GITHUB_TOKEN'] = 'secret';
      await analyse(file, { trusted: false, PATH: at('bin') });
      const [folder = '', given = '', ...variables] = readFileSync(record, 'utf8').split('\n');
      assert.ok(folder.startsWith(at('tmp')), folder);
      assert.ok(!existsSync(folder), 'its folder is gone');
      assert.ok(` ${given}`.includes(` ${argument}`), given);
      assert.ok(!variables.some((line) => line.startsWith('GITHUB_TOKEN')));
    });

  for (const [program, file] of [
    ['tsc', 'a.ts'],
    ['eslint', 'a.ts'],
    ['go', 'a.go'],
    ['mypy', 'a.py'],
    ['pyright', 'a.py'],
    ['semgrep', 'a.py'],
    ['staticcheck', 'a.go'],
    ['cargo-clippy', 'a.rs'],
    ['clang-tidy', 'native/a.c'],
  ] as const)
    it(`is none at all, of ${program} in a folder that is not trusted`, async function () {
      if (process.platform === 'win32') this.skip();
      writeFileSync(at('bin', program), `#!/bin/sh\ntouch '${at('record')}'\n`);
      chmodSync(at('bin', program), 0o755);
      const { ran, notes } = await analyse(file, { trusted: false, PATH: at('bin') });
      assert.deepEqual([ran, existsSync(at('record'))], [[], false]);
      assert.match(notes.join(), new RegExp(`isn't trusted.*${program.replace('cargo-', '')}`));
    });
});
