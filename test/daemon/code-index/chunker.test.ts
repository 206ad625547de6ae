import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { type Chunk, maxChunkCharacters, maxChunkLines } from '../../../daemon/code-index/chunk/chunk.ts';
import { chunksOf } from '../../../daemon/code-index/chunk/chunker.ts';
import { languageOf, languages } from '../../../daemon/code-index/chunk/languages.ts';
import { Parsers } from '../../../daemon/code-index/chunk/parsers.ts';

const parsers = new Parsers((sentence) => assert.fail(sentence));
const cut = (path: string, text: string): Promise<Chunk[]> =>
  chunksOf(text, { syntax: languageOf(path)?.syntax, parsers });
const named = (chunks: readonly Chunk[]): string[] =>
  chunks.map(({ kind, symbol, startLine, endLine }) => `${startLine + 1}-${endLine} ${kind} ${symbol}`.trim());
const body = (lines: number): string => Array.from({ length: lines }, (_, i) => `    step${i}();`).join('\n');

describe('chunks of code', () => {
  it('a function is one, with the comment above it; what stands between is gathered', async () => {
    const text =
      "import a from 'a';\nimport b from 'b';\n\n/** Adds. */\nexport function add(x: number) {\n  return x;\n}\n\nconst one = 1;\n\nexport const twice = (x: number) => {\n  return x * 2;\n};\n";
    assert.deepEqual(named(await cut('a.ts', text)), [
      '1-2 module',
      '4-7 function add',
      '9-9 module',
      '11-13 function twice',
    ]);
  });

  it('a small class is one; a large one is cut into members that know its head', async () => {
    const small = 'class Small {\n  a() {\n    return 1;\n  }\n}\n';
    assert.deepEqual(named(await cut('a.ts', small)), ['1-5 class Small']);
    const large = `/** Large. */\nexport class Large extends Base {\n  field = 1;\n\n  /** First. */\n  first() {\n${body(30)}\n  }\n\n  second() {\n${body(30)}\n  }\n}\n`;
    const chunks = await cut('a.ts', large);
    assert.deepEqual(named(chunks), ['1-3 class Large', '5-37 function Large.first', '39-70 function Large.second']);
    assert.deepEqual(
      chunks.map(({ context }) => context),
      Array(3).fill('export class Large extends Base {'),
    );
  });

  it('a comment that is apart from what follows stays by itself', async () => {
    const text = '// The file.\n\nfunction f() {\n  return 1;\n}\n';
    assert.deepEqual(named(await cut('a.js', text)), ['1-1 module', '3-5 function f']);
  });

  it('a function that is too long is cut into windows, of which the later ones carry its head', async () => {
    const chunks = await cut('a.ts', `function long() {\n${body(100)}\n}\n`);
    assert.ok(chunks.length >= 2);
    assert.deepEqual(new Set(chunks.map(({ symbol }) => symbol)), new Set(['long']));
    assert.deepEqual(
      chunks.slice(1).map(({ context }) => context),
      chunks.slice(1).map(() => 'function long() {'),
    );
  });

  const samples: Record<string, { text: string; expected: string[] }> = {
    'a.py': {
      text: '@cached\ndef f(x):\n    """Doc."""\n    return x\n\nclass C:\n    def m(self):\n        return 1\n',
      expected: ['1-4 function f', '6-8 class C'],
    },
    'a.go': {
      text: 'package a\n\n// Run runs.\nfunc (s *Server) Run() error {\n\treturn nil\n}\n\ntype Server struct {\n\tname string\n}\n',
      expected: ['1-1 module', '3-6 function Run', '8-10 type Server'],
    },
    'a.rs': {
      text: '/// Adds.\npub fn add(a: i32) -> i32 {\n    a\n}\n\nimpl Shape for Circle {\n    fn area(&self) -> f64 { 1.0 }\n}\n',
      expected: ['1-4 function add', '6-8 class Circle'],
    },
    'A.java': {
      text: 'package a;\n\n/** A. */\npublic class A {\n  int f() {\n    return 1;\n  }\n}\n',
      expected: ['1-1 module', '3-8 class A'],
    },
    'a.cpp': {
      text: '#include <a>\n\nnamespace n {\nint *f(int a) {\n  return 0;\n}\n}\n',
      expected: ['1-1 module', '3-7 module n'],
    },
    'a.c': { text: '// Doubles.\nstatic int *twice(int a) {\n  return 0;\n}\n', expected: ['1-4 function twice'] },
    'a.cs': {
      text: 'using A;\n\nclass B {\n  int F() {\n    return 1;\n  }\n}\n',
      expected: ['1-1 module', '3-7 class B'],
    },
    'a.rb': { text: '# Greets.\ndef greet(name)\n  puts name\nend\n', expected: ['1-4 function greet'] },
    'a.php': { text: '<?php\nfunction f($a) {\n  return $a;\n}\n', expected: ['1-1 module', '2-4 function f'] },
    'a.sh': { text: '#!/bin/sh\n\nrun() {\n  echo a\n}\n', expected: ['1-1 module', '3-5 function run'] },
    'a.tsx': { text: 'export function View() {\n  return <p>{1}</p>;\n}\n', expected: ['1-3 function View'] },
  };
  for (const [path, { text, expected }] of Object.entries(samples)) {
    it(`${path}: units and their names`, async () => {
      const chunks = (await cut(path, text)).filter(({ text: piece }) => piece !== '<?php');
      assert.deepEqual(
        named(chunks),
        expected.filter((line) => path !== 'a.php' || !line.startsWith('1-1')),
      );
    });
  }

  it('has a sample of every grammar', () => {
    const tried = new Set(
      Object.keys(samples)
        .concat('a.ts', 'a.js')
        .map((path) => languageOf(path)?.syntax?.grammar),
    );
    assert.deepEqual(
      languages.filter(({ grammar }) => !tried.has(grammar)),
      [],
    );
  });

  it('every word of a file is in exactly one chunk, whose text is what stands at its lines', async () => {
    for (const path of [
      'daemon/storage/sqlite/chats/messages.ts',
      'daemon/models/router/learn/trees.ts',
      'README.md',
      'test/editors/clients/emacs.el',
      'daemon/server.ts',
      'esbuild.mjs',
    ]) {
      const text = readFileSync(path, 'utf8');
      const lines = text.split('\n');
      const chunks = await cut(path, text);
      const seen = new Set<number>();
      for (const chunk of chunks) {
        assert.equal(chunk.text, lines.slice(chunk.startLine, chunk.endLine).join('\n'));
        assert.ok(
          chunk.endLine - chunk.startLine <= maxChunkLines && chunk.text.length <= maxChunkCharacters,
          `${path}: ${named([chunk])}`,
        );
        for (let line = chunk.startLine; line < chunk.endLine; line++) {
          assert.ok(!seen.has(line), `${path}: line ${line + 1} is in two chunks`);
          seen.add(line);
        }
      }
      const missing = lines.flatMap((line, index) =>
        /[\p{L}\p{N}]/u.test(line) && !seen.has(index) ? [`${path}:${index + 1}: ${line}`] : [],
      );
      assert.deepEqual(missing, []);
    }
  });

  it('hostile text is cut as well: unclosed, deep, one endless line, half characters', async () => {
    const texts = [
      'class {{{{{'.repeat(50),
      `function f() ${'{'.repeat(5000)}`,
      'x'.repeat(100_000),
      '\u0000\ud800 a\r\nb\rc',
      `${'('.repeat(20_000)}`,
      '/*'.repeat(1000),
    ];
    for (const text of texts) {
      for (const chunk of await cut('a.ts', text))
        assert.ok(chunk.text.length <= maxChunkCharacters && chunk.text.isWellFormed() === text.isWellFormed());
    }
  });

  it('a grammar that cannot be loaded costs its syntax and is told once', async () => {
    const told: string[] = [];
    const without = new Parsers((sentence) => told.push(sentence));
    const syntax = { id: 'x', endings: [], grammar: 'not-there', units: [], containers: [] };
    for (let i = 0; i < 2; i++)
      assert.deepEqual(named(await chunksOf('one\ntwo\n', { syntax, parsers: without })), ['1-2 window']);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /Couldn't load the syntax of not-there/);
  });
});
