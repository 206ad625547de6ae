// How `switchyard write` reads the commands of --test.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { UsageError } from '../../../daemon/cli/kit/command.ts';
import { commandWords } from '../../../daemon/cli/write.ts';

describe('a command of --test', () => {
  it('is cut into words as a shell does that knows nothing but quotes', () => {
    const rows: [command: string, words: string[]][] = [
      ['npm test', ['npm', 'test']],
      ['  go   test ./... ', ['go', 'test', './...']],
      ['node "my check.js"', ['node', 'my check.js']],
      [`sh -c 'echo "a b"'`, ['sh', '-c', 'echo "a b"']],
      ['mocha --grep="a list"', ['mocha', '--grep=a list']],
      [`pytest -k'not slow' x"y"z`, ['pytest', '-knot slow', 'xyz']],
      ['tool ""', ['tool', '']],
    ];
    for (const [command, words] of rows) assert.deepEqual(commandWords(command), words, command);
  });

  it('is refused where it is empty, or a quote has no end', () => {
    for (const command of ['', '  ', '""', 'npm "test', "it's"])
      assert.throws(() => commandWords(command), UsageError, command);
  });
});
