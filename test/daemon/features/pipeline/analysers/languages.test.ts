// Linters of many languages on small projects of their own: the real ones, where this machine has them. Their output is tested, as it
// was recorded, in recorded.test.ts.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'mocha';
import { textIn } from '../../../../../daemon/base/snippet.ts';
import { ownLinters, Project } from './project.ts';

const machine = [ownLinters, process.env['PATH'] ?? ''].join(delimiter);
const has = (program: string) => machine.split(delimiter).some((folder) => existsSync(join(folder, program)));

interface Kind {
  tool: string;
  program: string;
  files: Readonly<Record<string, string>>;
  /** What becomes of each file, and what is found in it: the rule, and the code that it is about. */
  expected: Readonly<Record<string, [state: string, rule?: string, evidence?: string]>>;
}

const go = { 'go.mod': 'module example.test/a\n\ngo 1.20\n' };
const crate = {
  'Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n',
  'Cargo.lock': 'version = 3\n\n[[package]]\nname = "a"\nversion = "0.1.0"\n',
};

const kinds: Record<string, Kind> = {
  oxlint: {
    tool: 'oxlint',
    program: 'oxlint',
    files: {
      '.oxlintrc.json': '{"ignorePatterns":["gen"]}',
      'a.js': 'export const é = "😀"; debugger;\n',
      'clean.js': 'export const one = 1;\n',
      'gen/a.js': 'debugger;\n',
    },
    expected: {
      'a.js': ['read', 'eslint(no-debugger)', 'debugger;'],
      'clean.js': ['read'],
      'gen/a.js': ['left-out'],
    },
  },
  'oxlint, which leaves the only file out': {
    tool: 'oxlint',
    program: 'oxlint',
    files: { '.oxlintrc.json': '{"ignorePatterns":["gen"]}', 'gen/a.js': 'debugger;\n' },
    expected: { 'gen/a.js': ['left-out'] },
  },
  mypy: {
    tool: 'mypy',
    program: 'mypy',
    files: { 'mypy.ini': '[mypy]\n', 'a.py': 'a: int = "s"\n', 'clean.py': 'b: int = 1\n' },
    expected: { 'a.py': ['read', 'assignment', '"s"'], 'clean.py': ['read'] },
  },
  'mypy, where another file cannot be parsed': {
    tool: 'mypy',
    program: 'mypy',
    files: { 'setup.cfg': '[mypy]\n', 'broken.py': 'def f(:\n', 'a.py': 'a: int = "s"\n' },
    expected: { 'broken.py': ['read', 'syntax'], 'a.py': ['failed'] },
  },
  pyright: {
    tool: 'pyright',
    program: 'pyright',
    files: { 'pyproject.toml': '[tool.pyright]\n', 'a.py': 'é = "😀"; a: int = "s"\n', 'clean.py': 'b: int = 1\n' },
    expected: { 'a.py': ['read', 'reportAssignmentType', '"s"'], 'clean.py': ['read'] },
  },
  'pyright, which leaves a file out': {
    tool: 'pyright',
    program: 'pyright',
    files: { 'pyrightconfig.json': '{"exclude":["gen"]}', 'a.py': 'a: int = "s"\n', 'gen/a.py': 'a: int = "s"\n' },
    expected: { 'a.py': ['read', 'reportAssignmentType', '"s"'], 'gen/a.py': ['left-out'] },
  },
  staticcheck: {
    tool: 'staticcheck',
    program: 'staticcheck',
    files: {
      ...go,
      'a.go': 'package a\n\nfunc F(é bool) bool {\n\treturn /* é */ é == true\n}\n',
      'clean.go': 'package a\n',
      'tagged.go': '//go:build neverwhere\n\npackage a\n',
    },
    expected: { 'a.go': ['read', 'S1002', 'é == true'], 'clean.go': ['read'], 'tagged.go': ['left-out'] },
  },
  'staticcheck, of what does not compile': {
    tool: 'staticcheck',
    program: 'staticcheck',
    files: { ...go, 'a.go': 'package a\n\nvar A int = "s"\n' },
    expected: { 'a.go': ['failed'] },
  },
  clippy: {
    tool: 'clippy',
    program: 'cargo-clippy',
    files: {
      ...crate,
      'src/lib.rs': 'mod clean;\npub fn f(a: &str) -> bool {\n    let é = "😀"; a.len() == 0 || é.is_empty()\n}\n',
      'src/clean.rs': '//! Nothing.\n',
      'src/orphan.rs': 'pub fn f() {}\n',
    },
    expected: {
      'src/lib.rs': ['read', 'clippy::len_zero', 'a.len() == 0'],
      'src/clean.rs': ['read'],
      'src/orphan.rs': ['left-out'],
    },
  },
  'clippy, of a crate in a workspace': {
    tool: 'clippy',
    program: 'cargo-clippy',
    files: {
      'Cargo.toml': '[workspace]\nmembers = ["a"]\nresolver = "2"\n',
      'Cargo.lock': crate['Cargo.lock'],
      'a/Cargo.toml': crate['Cargo.toml'],
      'a/src/lib.rs': 'pub fn f(a: &str) -> bool {\n    a.len() == 0\n}\n',
    },
    expected: { 'a/src/lib.rs': ['read', 'clippy::len_zero', 'a.len() == 0'] },
  },
  'clippy, where another file does not compile': {
    tool: 'clippy',
    program: 'cargo-clippy',
    files: { ...crate, 'src/lib.rs': 'mod b;\npub fn f() -> i32 {\n    "s"\n}\n', 'src/b.rs': 'pub fn g() {}\n' },
    expected: { 'src/lib.rs': ['read', 'E0308', '"s"'], 'src/b.rs': ['failed'] },
  },
  'clippy, without a lock file': {
    tool: 'clippy',
    program: 'cargo-clippy',
    files: { 'Cargo.toml': crate['Cargo.toml'], 'src/lib.rs': 'pub fn f() {}\n' },
    expected: { 'src/lib.rs': ['failed'] },
  },
  javac: {
    tool: 'javac',
    program: 'javac',
    files: {
      'src/p/A.java': 'package p;\n\npublic class A {\n\tint /* é😀 */ a = "s"; B b;\n}\n',
      'src/p/B.java': 'package p;\n\nclass B {\n  java.util.List b;\n}\n',
      'src/p/C.java': 'package p;\n\nimport com.example.Lost;\n\nclass C {\n  Lost c;\n}\n',
      'src/p/D.java': 'package p;\n\nclass D { A a; }\n',
    },
    expected: {
      'src/p/A.java': ['read', 'syntax', '"s"'],
      'src/p/B.java': ['read', 'rawtypes', '.'],
      'src/p/C.java': ['left-out'],
      'src/p/D.java': ['read'],
    },
  },
  cppcheck: {
    tool: 'cppcheck',
    program: 'cppcheck',
    files: {
      'a.c': 'int f(void) {\n\tint a[2]; /* é😀 */ return a[2];\n}\n',
      'clean.c': 'int g(void) { return 1; }\n',
    },
    expected: { 'a.c': ['read', 'arrayIndexOutOfBounds', '['], 'clean.c': ['read'] },
  },
  'clang-tidy': {
    tool: 'clang-tidy',
    program: 'clang-tidy',
    files: {
      '.clang-tidy': 'Checks: "-*,bugprone-*"\n',
      'a.c': 'int f(int n) {\n\t/* é😀 */ if (n = 1) return 1;\n\treturn 0;\n}\n',
      'clean.c': 'int g(void) { return 1; }\n',
      'lost.c': '#include "nowhere.h"\nint g(void) { return 1; }\n',
    },
    expected: {
      'a.c': ['read', 'bugprone-assignment-in-if-condition', '='],
      'clean.c': ['read'],
      'lost.c': ['failed'],
    },
  },
  hadolint: {
    tool: 'hadolint',
    program: 'hadolint',
    files: {
      '.hadolint.yaml': 'ignored: [DL3006]\n',
      Dockerfile: 'FROM debian\nMAINTAINER me\n',
      'api.dockerfile': 'FROM debian:12\n',
      'Dockerfile.broken': 'FROM debian:12\nCOPPY a b\n',
    },
    expected: {
      Dockerfile: ['read', 'DL4000', 'MAINTAINER'],
      'api.dockerfile': ['read'],
      'Dockerfile.broken': ['read', 'syntax', 'COPPY'],
    },
  },
  yamllint: {
    tool: 'yamllint',
    program: 'yamllint',
    files: {
      '.yamllint': 'extends: default\nignore: [gen]\nrules: {document-start: disable}\n',
      'a.yml': 'é😀: {a: 1, a: 2}\n',
      'clean.yaml': 'a: 1\n',
      'gen/a.yml': 'a: 1\na: 2\n',
    },
    expected: { 'a.yml': ['read', 'key-duplicates', 'a'], 'clean.yaml': ['read'], 'gen/a.yml': ['left-out'] },
  },
  'yamllint, where the project has no taste of its own': {
    tool: 'yamllint',
    program: 'yamllint',
    files: { 'a.yml': 'a: *b   \n', 'style.yml': 'a:    1   \n', 'broken.yml': 'a: [\n' },
    expected: { 'a.yml': ['read', 'anchors', '*'], 'style.yml': ['read'], 'broken.yml': ['read', 'syntax'] },
  },
  semgrep: {
    tool: 'semgrep',
    program: 'semgrep',
    files: {
      '.semgrep.yml':
        'rules:\n- {id: no-eval, pattern: eval(...), message: No., severity: ERROR, languages: [python]}\n',
      'a.py': 'é = "😀"; b = eval("1")\n',
      'clean.py': 'a = 1\n',
    },
    expected: { 'a.py': ['read', 'no-eval', 'eval("1")'], 'clean.py': ['read'] },
  },
};

describe('on a project of its language,', () => {
  for (const [name, { tool, program, files, expected }] of Object.entries(kinds))
    it(`${name}, tells what it has read, and finds what is there`, async function () {
      if (!has(program)) this.skip();
      using project = new Project();
      for (const [path, text] of Object.entries(files)) project.write(path, text);
      const reviewed = Object.keys(expected);
      const { states, outcomes, found } = await project.analyse(reviewed, { path: machine });
      for (const [index, file] of reviewed.entries()) {
        const [state, rule, evidence] = expected[file] ?? ['read'];
        const why = outcomes[index]?.looks.find(({ by }) => by === tool)?.why;
        assert.equal(states[file]?.[tool], state, `${file}: ${why}`);
        const drafts = (found[file] ?? []).filter(({ source }) => source === tool);
        const own = drafts.find((draft) => draft.rule === rule);
        assert.equal(own !== undefined, rule !== undefined, JSON.stringify(drafts));
        if (own && evidence) assert.equal(textIn(files[file] ?? '', own.range), evidence);
        if (!rule) assert.deepEqual(drafts, []);
      }
    });
});
