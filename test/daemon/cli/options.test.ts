// The options of every command: its usage has them, and one that would do nothing is refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { commands } from '../../../daemon/cli/cli.ts';
import { readArguments, UsageError } from '../../../daemon/cli/kit/command.ts';

describe('the options of a command', () => {
  for (const [name, { usage, example, load }] of Object.entries(commands))
    it(`stand in the usage of \`${name}\`, with the subcommands that they go with`, async () => {
      const { options = {} } = await load();
      for (const [option, { goesWith = [], description }] of Object.entries(options)) {
        assert.match(usage, new RegExp(`--${option}\\b`));
        for (const word of goesWith) assert.match(usage, new RegExp(`\\b${word}\\b`));
        assert.match(description, /^[A-Z].*[^.]$/, `--${option} is described by a sentence, a verb first`);
      }
      for (const [, option = ''] of example.matchAll(/ --([a-z-]+)/g))
        assert.ok(option === 'diff' || Object.hasOwn(options, option), `the example has --${option}`);
    });

  it('are the same in the README', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const [block = ''] = /^switchyard review FILE…[\s\S]*?^```$/m.exec(readme) ?? [];
    const lines = block.split('\n').filter((line) => /^switchyard (?!doctor \|)/.test(line));
    assert.ok(lines.length > 20);
    for (const line of lines) {
      const [, name = ''] = line.split(' ');
      assert.equal(line, `switchyard ${commands[name]?.usage}`);
    }
  });

  const idle: [command: string, args: string[], why: string][] = [
    ['models', ['list', '--copy'], '`--copy` goes with `add`.'],
    ['models', ['--copy'], '`--copy` goes with `add`.'],
    ['models', ['pull', 'x', '--copy'], '`--copy` goes with `add`.'],
    ['mcp', ['list', '--root', '.'], '`--root` goes without a subcommand.'],
    ['mcp', ['--url', 'http://127.0.0.1'], '`--url` goes with `add`.'],
    ['mcp', ['restart', 'x', '--yes'], '`--yes` goes with `approve` or `import`.'],
    ['jobs', ['show', 'x', '--step', '1'], '`--step` goes with `undo`.'],
    ['jobs', ['show', 'x', '--limit', '1'], '`--limit` goes with `list`.'],
    ['keys', ['rotate', '--workspace', '.'], '`--workspace` goes with `set` or `delete`.'],
    ['gpu', ['--cuda'], '`--cuda` goes with `install`.'],
    ['profiles', ['use', 'x', '--model', 'y'], '`--model` goes with `create`.'],
    ['memories', ['list', '--project'], '`--project` goes with `add`.'],
    ['eval', ['review', '--corpus', '.'], '`--corpus` goes with `completion`.'],
    ['eval', ['calls', '--yes'], '`--yes` goes with `write` or `agent`.'],
    ['hook', ['remove', '--fail-on', 'error'], '`--fail-on` goes with `install`.'],
  ];
  for (const [command, args, why] of idle)
    it(`are refused where they would do nothing: \`${command} ${args.join(' ')}\``, async () => {
      const { options = {} } = (await commands[command]?.load()) ?? {};
      assert.throws(() => readArguments(args, options), new UsageError(why));
    });

  it('are taken where they do something, and words after `--` are none', async () => {
    const { options = {} } = (await commands['mcp']?.load()) ?? {};
    for (const args of [
      ['--root', '.'],
      ['add', 'x', '--local', '--', 'server', '--root', '.'],
      ['list', '--json'],
    ])
      readArguments(args, options);
    const { options: jobs = {} } = (await commands['jobs']?.load()) ?? {};
    for (const args of [
      ['--limit', '1'],
      ['list', '--limit', '1'],
    ])
      readArguments(args, jobs);
  });
});
