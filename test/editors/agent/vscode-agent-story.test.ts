// A stranger hands the agent a task in the packaged extension: it plans, reads, edits, runs the tests and notes the decision with a tool of a
// real MCP server, each step with the user's consent; the changes are reviewed one by one, and undone to the last byte.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'mocha';
import { memoryServer } from '../../fakes/mcp-servers/workbench.ts';
import type { Reply } from '../../fakes/provider-servers/scripted-server.ts';
import { until } from '../harness/until.ts';
import { VsCodeSuite } from '../harness/vscode/suite.ts';

const task = 'Add a --json flag to this little tool, and a test for it';
const tool = 'tools/total.mjs';
const testFile = 'tools/total.test.mjs';
const original = [
  '\uFEFF// Adds up the numbers that it is given.',
  'const numbers = process.argv.slice(2).map(Number);',
  '',
  'const total = numbers.reduce((sum, number) => sum + number, 0);',
  'const count = numbers.length;',
  'const mean = count === 0 ? 0 : total / count;',
  '',
  '// What a person reads.',
  'const text = `$' + '{count} numbers, total $' + '{total}, mean $' + '{mean}`;',
  '',
  'console.log(text);',
  '',
].join('\r\n');
const flagLines = [
  'const given = process.argv.slice(2);',
  "const isJson = given.includes('--json');",
  "const numbers = given.filter((word) => word !== '--json').map(Number);",
];
const was = { flag: 'const numbers = process.argv.slice(2).map(Number);', print: 'console.log(text);' };
const now = {
  flag: flagLines.join('\n'),
  print: 'console.log(isJson ? JSON.stringify({ count, total, mean }) : text);',
};
const newTest = `import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const run = (...args) => execFileSync(process.execPath, ['${tool}', ...args], { encoding: 'utf8' });

test('prints JSON with --json', () => {
  assert.deepEqual(JSON.parse(run('1', '3', '--json')), { count: 2, total: 4, mean: 2 });
});

test('prints a sentence without', () => {
  assert.equal(run('1', '3').trim(), '2 numbers, total 4, mean 2');
});
`;

const call = (name: string, given: Record<string, unknown>) => ({ name, arguments: given });
const planned = (...states: string[]) =>
  call('plan', {
    items: ['Read the tool', 'Add the flag', 'Write a test', 'Run the tests', 'Note the decision'].map((text, i) => ({
      text,
      state: states[i] ?? 'open',
    })),
  });
const decision = {
  entities: [{ name: tool, entityType: 'tool', observations: ['Prints JSON when it is given --json.'] }],
};

describe('a stranger and the agent in VS Code', () => {
  let workspace: string;
  const isHidden = Promise.withResolvers<void>();
  const usage = { input: 1200, output: 80 };
  const turns: Reply[] = [
    { text: 'I read the tool first.', toolCalls: [planned('doing'), call('read', { path: tool })] },
    {
      text: '',
      toolCalls: [
        planned('done', 'doing'),
        call('edit', { path: tool, old: was.flag, new: now.flag }),
        call('edit', { path: tool, old: was.print, new: now.print }),
      ],
    },
    {
      text: 'Now a test.',
      toolCalls: [planned('done', 'done', 'doing'), call('edit', { path: testFile, new: newTest })],
      hold: { after: 'request', until: isHidden.promise },
    },
    {
      text: '',
      toolCalls: [planned('done', 'done', 'done', 'doing'), call('run', { argv: ['node', '--test', testFile] })],
    },
    {
      text: '',
      toolCalls: [planned('done', 'done', 'done', 'done', 'doing'), call('memory__create_entities', decision)],
    },
    { text: 'The tool prints JSON with `--json` now, and its two tests pass.' },
  ];
  const suite = new VsCodeSuite({
    prepare(folder) {
      workspace = folder;
      mkdirSync(join(folder, 'tools'));
      writeFileSync(join(folder, tool), original);
      writeFileSync(
        join(folder, 'tools/wait.mjs'),
        "import { writeFileSync } from 'node:fs';\nwriteFileSync('wait.pid', String(process.pid));\nsetInterval(() => {}, 1000);\n",
      );
      return [];
    },
    config: (own) => {
      const { lab } = own['providers'] as { lab: object };
      const models = [
        { name: 'scripted', capabilities: { tools: true, chat: true }, price: { input: 0.5, output: 2 } },
      ];
      const memory = { ...memoryServer, env: { MEMORY_FILE_PATH: memoryFile() } };
      return { providers: { lab: { ...lab, models } }, mcpServers: { memory } };
    },
  });
  const memoryFile = (): string => join(dirname(workspace), 'memory.jsonl');
  const bytesOf = (path: string): string => readFileSync(join(workspace, path), 'utf8');
  const withBoth = original.replace(was.flag, flagLines.join('\r\n')).replace(was.print, now.print);
  const { screenshots } = suite;
  const waiting = () => suite.view.getByRole('group', { name: 'Waiting for you' });
  const asked = (text: string) => waiting().getByText(text).waitFor();
  const press = (name: string) => waiting().getByRole('button', { name, exact: true, disabled: false }).click();
  const toast = (text: string) => suite.page.locator('.notifications-toasts').getByText(text);

  before(async () => {
    let turn = 0;
    suite.model.reply = ({ body }) => {
      const { messages } = body as { messages: unknown[] };
      if (JSON.stringify(messages).includes('Wait for it'))
        return { usage, text: '', toolCalls: [call('run', { argv: ['node', 'tools/wait.mjs'] })] };
      return { usage, ...turns[Math.min(turn++, turns.length - 1)] };
    };
    const { code, output } = await suite.home.switchyard('mcp', 'approve', 'memory', '--yes');
    assert.equal(code, 0, output);
  });

  it('hands over a task, sees the plan, and is asked about an edit with its diff', async () => {
    const chat = await suite.workbench.openChat();
    await suite.view.getByRole('button', { name: 'Mode: Chat' }).click();
    await suite.view.getByRole('listbox', { name: 'Modes' }).waitFor();
    await screenshots.take(suite.page, 'agent-story-modes-dark');
    await suite.view.getByRole('listbox', { name: 'Modes' }).press('Escape');
    await suite.view.getByRole('listbox', { name: 'Modes' }).waitFor({ state: 'detached' });
    await chat.chooseMode('Act');
    await chat.ask(task);
    await suite.view.getByRole('list', { name: 'Plan' }).getByText('Note the decision').waitFor();
    await asked(`Change ${tool}?`);
    await screenshots.take(suite.page, 'agent-story-edit-dark');
    assert.equal(bytesOf(tool), original, 'nothing is written before it is allowed');
    await press('Allow Once');
    await waiting().getByText('JSON.stringify').waitFor();
    await press('Allow Once');
    await until('both edits', () => bytesOf(tool) === withBoth);
  });

  it('is told that it waits while the view is hidden', async () => {
    await suite.workbench.run('View: Show Explorer');
    await suite.page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
    isHidden.resolve();
    await toast(`The agent is waiting for you. Create ${testFile}?`).waitFor();
    await screenshots.take(suite.page, 'agent-story-waiting-dark');
    await suite.page.locator('.notifications-toasts').getByText('Show', { exact: true }).click(); // a link; it stays as long as the run waits
    await asked(`Create ${testFile}?`);
    await toast('The agent is waiting for you.').waitFor({ state: 'detached' });
  });

  it('finds what waits again after the window was reloaded', async () => {
    suite.editor.configure({ 'workbench.colorTheme': 'Light Modern' });
    await suite.workbench.reload();
    await suite.workbench.run('Switchyard: Show Jobs');
    await suite.option(new RegExp(task)).waitFor();
    await screenshots.take(suite.page, 'agent-story-jobs-light');
    await suite.workbench.leave('Switchyard: jobs');
    await suite.workbench.openChat();
    await asked(`Create ${testFile}?`);
    await screenshots.take(suite.page, 'agent-story-create-light');
    await press('Allow Once');
  });

  it('is asked about the run with its arguments, and about a tool of an MCP server with its input', async () => {
    await waiting().getByRole('list', { name: 'Program and 2 arguments' }).waitFor();
    await screenshots.take(suite.page, 'agent-story-run-light');
    await press('Allow Once');
    await waiting().getByText('Prints JSON when it is given --json.').waitFor();
    await screenshots.take(suite.page, 'agent-story-mcp-light');
    assert.equal(existsSync(memoryFile()), false);
    await press('Allow Once');
    await suite.view.getByText('and its two tests pass').waitFor();
    await suite.workbench.chat.settled();
    assert.match(readFileSync(memoryFile(), 'utf8'), /Prints JSON when it is given --json/);
    await suite.view.getByText(/^\d+ steps$/).click();
    await suite.view.getByText(`node --test ${testFile} succeeded.`, { exact: true }).click();
    await screenshots.take(suite.page, 'agent-story-done-light');
  });

  it('reviews the changes, and undoes one where it stands', async () => {
    await suite.view.getByRole('button', { name: 'Review Changes' }).click();
    await toast('The agent changed 2 files.').waitFor();
    await suite.page.locator('.tab.active[aria-label^="Agent\'s changes"]').waitFor();
    await screenshots.take(suite.page, 'agent-story-review-light');
    await suite.workbench.answerNotification('Review Each');
    await suite.page.locator('.tab.active[aria-label^="total.mjs"]').waitFor();
    const lenses = suite.page.locator('.codelens-decoration');
    await lenses.getByText('Undo All 3').waitFor();
    await screenshots.take(suite.page, 'agent-story-each-light');
    await lenses.getByText('Undo', { exact: true }).last().click();
    await until('one of them undone', () => bytesOf(tool) === withBoth.replace(now.print, was.print));
    await suite.page.locator('.editor-group-container.active .view-lines').click();
    await suite.page.keyboard.press('Control+Z');
    await until('it is back', () => bytesOf(tool) === withBoth);
  });

  it('undoes all of it, and every byte is as it was', async () => {
    suite.editor.configure({});
    await suite.workbench.reload();
    await suite.workbench.run('Switchyard: Review What the Agent Changed…');
    await suite.option(new RegExp(task)).click();
    await toast('The agent changed 2 files.').waitFor();
    await screenshots.take(suite.page, 'agent-story-review-dark');
    await suite.workbench.answerNotification('Undo All');
    await toast('2 files restored.').waitFor();
    assert.deepEqual(readFileSync(join(workspace, tool)), Buffer.from(original));
    assert.equal(existsSync(join(workspace, testFile)), false);
    await suite.page.locator('.tab.active[aria-label^="Agent\'s changes"]').waitFor({ state: 'detached' });
    await screenshots.take(suite.page, 'agent-story-undone-dark');
  });

  it('stops a program that runs', async () => {
    const chat = await suite.workbench.openChat();
    await chat.newChat();
    await chat.chooseMode('Act');
    await chat.ask('Wait for it');
    await waiting().getByRole('list', { name: 'Program and 1 argument' }).waitFor();
    await screenshots.take(suite.page, 'agent-story-run-dark');
    await press('Allow Once');
    const pidFile = join(workspace, 'wait.pid');
    await until('the program', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    await chat.stopButton.click();
    await chat.settled();
    await until('its end', () => suite.home.leftovers().every((line) => !line.includes('wait.mjs')));
    await chat.stopButton.waitFor({ state: 'detached' }); // the run's own as well
    await screenshots.take(suite.page, 'agent-story-stopped-dark');
  });
});
