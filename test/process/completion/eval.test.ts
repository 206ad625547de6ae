// `switchyard eval completion` with a tiny model of this machine.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import type { CompletionScores } from '../../../daemon/cli/eval/completion-scores.ts';
import { writeScriptedModel } from '../../fakes/gguf.ts';
import { ended, Home, program, until } from '../home.ts';
import { assertSentence } from '../lsp-client.ts';

interface Report {
  all: CompletionScores;
  byKind: Record<string, CompletionScores>;
  byLanguage: Record<string, CompletionScores>;
  byModel: Record<string, CompletionScores>;
  notes: string[];
  unfinished: number;
}

describe('eval completion', () => {
  let home: Home;
  before(() => {
    home = new Home();
    const body = Array.from({ length: 20 }, (_, i) => `def step${i}(value):\n    return value + ${i}\n`).join('\n');
    writeFileSync(home.project('code', 'steps.py'), body);
    writeFileSync(home.project('code', '.env'), 'KEY_OF_MINE=abcdef\n'.repeat(10));
    writeFileSync(home.project('empty', 'notes.md'), '# Notes\n');
  });
  after(() => home[Symbol.asyncDispose]());
  const evaluate = (folder: string, ...rest: string[]) =>
    home.switchyard(['eval', 'completion', '--corpus', home.project(folder), ...rest]);

  it('says what to do where no model completes code', async () => {
    const { code, stderr } = await evaluate('code');
    assert.equal(code, 3);
    assert.match(stderr, /No model for code completion is set up yet/);
  });

  it('measures by kind, language and model, and leaves nothing behind', async () => {
    writeScriptedModel(home.file('data', 'models', 'coder.gguf'), 'value + 7', { fimAfter: '(= ' });
    await home.switchyard(['stop']); // the list of models is known for some seconds
    const { code, stdout, stderr } = await evaluate('code', '--limit', '9', '--json');
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as Report;
    assert.deepEqual([report.all.holes, report.unfinished, report.notes], [9, 0, []]);
    assert.deepEqual(Object.keys(report.byKind), ['block', 'end', 'line']);
    assert.deepEqual(Object.keys(report.byLanguage), ['python']);
    assert.ok(report.byModel['local/coder'], Object.keys(report.byModel).join());
    assert.ok(report.all.suggested > 0 && report.all.similarity > 0);
    assert.deepEqual([report.all.repeats, report.all.worse], [0, 0]);
    const profiles = JSON.parse((await home.switchyard(['profiles', '--json'])).stdout) as { profiles: unknown[] };
    assert.equal(profiles.profiles.length, 1);
  });

  it('tells how far it is, and what it has, where something ends it', async () => {
    const steps = Array.from({ length: 400 }, (_, i) => `def step${i}(value):\n    return value + ${i}\n`).join('\n');
    writeFileSync(home.project('long', 'steps.py'), steps);
    const args = ['eval', 'completion', '--corpus', home.project('long'), '--limit', '500', '--json'];
    const child = home.spawn([program, ...args]);
    const end = ended(child);
    let told = '';
    child.stderr?.on('data', (piece) => {
      told += String(piece);
    });
    await until('two holes', () => told.includes('2/500'));
    child.kill('SIGTERM');
    const { code, stdout } = await end;
    assert.equal(code, 130);
    const { error, ...report } = JSON.parse(stdout) as Report & { error: { code: string } };
    assert.equal(error.code, 'cancelled');
    assert.ok(report.all.holes >= 2 && report.all.holes + report.unfinished === 500);
    const { profiles } = JSON.parse((await home.switchyard(['profiles', '--json'])).stdout) as { profiles: unknown[] };
    assert.equal(profiles.length, 1);
  });

  it('says where there is no code', async () => {
    const { code, stderr } = await evaluate('empty');
    assert.equal(code, 3);
    assertSentence(stderr.replace(/^error: /, ''));
    assert.match(stderr, /no code/);
  });
});
