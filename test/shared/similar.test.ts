import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hintOf } from '../../shared/similar.ts';

const commands = ['start', 'chat', 'chats', 'review', 'search', 'models', 'memories', 'status', 'stop', 'doctor'];
const optionNames = ['--model', '--chat', '--last', '--file', '--no-cache', '--json'];

describe('a word that is not known', () => {
  const meant: [word: string, known: readonly string[], meant: string][] = [
    ['reveiw', commands, 'review'],
    ['serach', commands, 'search'],
    ['model', commands, 'models'],
    ['memoires', commands, 'memories'],
    ['Status', commands, 'status'],
    ['doc', commands, 'doctor'],
    ['--modle', optionNames, '--model'],
    ['--no-chache', optionNames, '--no-cache'],
    ['--jsn', optionNames, '--json'],
  ];
  for (const [word, known, expected] of meant)
    it(`"${word}" is taken for "${expected}"`, () => assert.equal(hintOf(word, known), `Did you mean "${expected}"?`));

  const unlike: [word: string, known: readonly string[]][] = [
    ['fly', commands],
    ['st', commands],
    ['constructor', commands],
    ['', commands],
    ['--unknown', optionNames],
    ['-', optionNames],
  ];
  for (const [word, known] of unlike)
    it(`"${word}" is like none of them`, () => assert.equal(hintOf(word, known), undefined));
});
