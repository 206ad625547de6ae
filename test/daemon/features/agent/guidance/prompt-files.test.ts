// Prompts that a project keeps in files: what they are called, and what becomes of a text that calls one.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { promptFiles, withPromptFile } from '../../../../../daemon/features/agent/guidance/prompt-files.ts';
import { createModelGate } from '../../../../../daemon/ignore/gate.ts';
import { createIgnore } from '../../../../../daemon/ignore/ignore.ts';

describe('prompt files', () => {
  let root = '';
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  const deps = (isTrusted = true) => ({
    roots: [root],
    gate: createModelGate(createIgnore({ ownFolders: [] })),
    trusts: async () => isTrusted,
  });
  const call = (text: string): Promise<string> => withPromptFile(text, deps());

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-prompts-')));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('are found under the names that their own tools give them', async () => {
    write(
      '.github/prompts/release.prompt.md',
      "---\ndescription: 'Write release notes'\nmode: agent\n---\nWrite them.\n",
    );
    write('.github/prompts/readme.md', 'No prompt.');
    write(
      '.claude/commands/db/migrate.md',
      '---\r\nargument-hint: [table]\r\n---\r\n# Add a migration\r\nFor $ARGUMENTS.\r\n',
    );
    write('.switchyard/prompts/tidy.md', 'Tidy up this file.\nAll of it.');
    assert.deepEqual(await promptFiles(deps()), [
      { name: 'db:migrate', path: '.claude/commands/db/migrate.md', description: 'Add a migration', hint: '[table]' },
      { name: 'release', path: '.github/prompts/release.prompt.md', description: 'Write release notes' },
      { name: 'tidy', path: '.switchyard/prompts/tidy.md', description: 'Tidy up this file.' },
    ]);
  });

  it("are none where the folder isn't trusted", async () => {
    write('.claude/commands/a.md', 'A');
    assert.deepEqual(await promptFiles(deps(false)), []);
    assert.equal(await withPromptFile('/a', deps(false)), '/a');
  });

  it('behind links and in ignored places are none', async () => {
    write('elsewhere.md', 'A');
    write('.claude/commands/b.md', 'B');
    symlinkSync(join(root, 'elsewhere.md'), join(root, '.claude/commands/a.md'));
    write('.switchyardignore', 'b.md\n');
    assert.deepEqual(await promptFiles(deps()), []);
  });

  it('are the first of a name', async () => {
    write('.claude/commands/a.md', 'theirs');
    write('.switchyard/prompts/a.md', 'own');
    assert.equal(await call('/a'), 'own');
  });

  const input = (name: string): string => `\${input:${name}}`;
  const calls: [string, string, string, string][] = [
    ['all arguments', 'Fix $ARGUMENTS now.', '/p issue 12', 'Fix issue 12 now.'],
    ['arguments by their place', 'From $1 to $2, $1.', '/p a b', 'From a to b, a.'],
    ['no argument', 'From $1.', '/p', 'From .'],
    ['one input', `About ${input('topic:what?')}.`, '/p red foxes', 'About red foxes.'],
    ['several inputs', `${input('a')} and ${input('b')}, ${input('a')}`, '/p one two three', 'one and two three, one'],
    ['an input with a space in its name', `About ${input('my topic')}.`, '/p foxes', 'About foxes.'],
    [
      'what only begins like an input, as it is',
      `About \${input:${'a'.repeat(100)}`,
      '/p',
      `About \${input:${'a'.repeat(100)}`,
    ],
    ['arguments that it has no place for', 'Do it.', '/p for this\nfile', 'Do it.\n\nfor this\nfile'],
    ['arguments that look like places', 'Say $1.', '/p $ARGUMENTS', 'Say $ARGUMENTS.'],
    ['arguments that replacement would read', 'Say $1.', '/p $&', 'Say $&.'],
    ['what other tools would run or read, as it is', 'Use !`id` and @.env.', '/p', 'Use !`id` and @.env.'],
    ['an unknown name', 'x', '/q a', '/q a'],
    ['a path', 'x', '/p/q a', '/p/q a'],
    ['a name inside', 'x', 'run /p', 'run /p'],
  ];
  for (const [title, text, said, expected] of calls)
    it(`are filled with ${title}`, async () => {
      write('.claude/commands/p.md', text);
      assert.equal(await call(said), expected);
    });
});
