// What VS Code offers where the daemon's sentence names a command of the terminal.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { nextSteps, withoutTerminal } from '../../../extension/logic/next-steps.ts';
import { root } from '../../architecture/sources.ts';

const noModel =
  'No model is set up yet. Add an API key (`switchyard keys set openai`), start Ollama, or add a GGUF file (`switchyard models add FILE`).';
const titles = (message: string, code?: string): string[] =>
  nextSteps({ message, ...(code !== undefined && { code }) }).map(({ title }) => title);

describe('the next steps that VS Code offers', () => {
  const cases: [what: string, message: string, expected: string[]][] = [
    ['no model', noModel, ['Download Model…', 'Add API Key…']],
    [
      'no model, beside what was done without',
      `This message was made from the file names. ${noModel}`,
      ['Download Model…', 'Add API Key…'],
    ],
    [
      'no model for completion',
      'No model for code completion is set up yet. Download one, with `switchyard models pull`.',
      ['Set Up Completion…'],
    ],
    ['a rejected key', 'Brave rejected the API key. Set it again with `switchyard keys set brave`.', ['Add API Key…']],
    ['keys in a restored file', 'Accept it with `switchyard keys rotate`.', ['Rotate API Keys']],
    ['an MCP server', 'Sign in to docs first: run `switchyard mcp login docs`.', ['MCP Servers…']],
    ['a job', 'To list jobs, run `switchyard jobs`.', ['Show Jobs']],
    ['the same command twice', 'Run `switchyard models`, or `switchyard models --json`.', ['Manage Models']],
    ['a command that VS Code has none for', 'To trust it, run `switchyard trust`.', []],
    ['a sentence without a command', 'Nothing is staged.', []],
  ];
  for (const [what, message, expected] of cases)
    it(`are ${expected.join(' and ') || 'none'} for ${what}`, () => assert.deepEqual(titles(message), expected));

  it('follow the code where the sentence is another', () =>
    assert.deepEqual(titles('Nothing to ask.', 'no-model'), ['Download Model…', 'Add API Key…']));

  it('are commands of the manifest, under their titles there', () => {
    const { contributes } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
      contributes: { commands: { command: string; title: string }[] };
    };
    const known = new Map(contributes.commands.map(({ command, title }) => [command, title]));
    const words = ['keys set', 'keys rotate', 'models pull', 'models add', 'models', 'gpu install', 'mcp', 'jobs'];
    const others = ['profiles', 'projects', 'doctor', 'open', 'stop'];
    const steps = [...words, ...others].flatMap((each) => nextSteps({ message: `Run \`switchyard ${each}\`.` }));
    assert.equal(steps.length, words.length + others.length);
    for (const { title, command } of steps) assert.equal(known.get(command), title);
  });
});

describe('a sentence in VS Code', () => {
  it('has no commands of the terminal in brackets', () => {
    assert.equal(withoutTerminal(noModel), 'No model is set up yet. Add an API key, start Ollama, or add a GGUF file.');
    assert.equal(withoutTerminal('Run `switchyard jobs`.'), 'Run `switchyard jobs`.');
  });
});
