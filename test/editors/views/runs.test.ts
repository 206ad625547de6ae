// Runs of the agent in the chat view, in a real browser: the mode, the plan and its steps, what waits for the user, and what comes after.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AgentApproval, AgentMode } from '../../../shared/protocol/agent.ts';
import { jobOf, usage } from '../../webview/scripted-runs.ts';
import { until } from '../harness/until.ts';
import type { View } from '../harness/view.ts';
import { everyLook, lookName, ViewSuite } from '../harness/view-suite.ts';

const modes: AgentMode[] = [
  {
    id: 'act',
    title: 'Act',
    description: 'Does a task: reads, edits, and runs programs, and asks before it changes anything.',
    tools: ['read', 'edit', 'run'],
    source: 'built-in',
  },
  {
    id: 'plan',
    title: 'Plan',
    description: 'Reads, and writes a plan. Changes nothing.',
    tools: ['read'],
    source: 'built-in',
  },
  {
    id: 'tutor',
    title: 'Tutor',
    description: 'Teaches: asks and explains rather than solving.',
    tools: [],
    source: 'built-in',
  },
];
const runTests: AgentApproval = {
  callId: '3.1',
  kind: 'run',
  text: 'Run node --test in /home/ada/shop?',
  taint: '"node --test" appears in README.md but not in your task. Check that you want this step.',
  run: {
    argv: ['node', '--test', 'test/cart test.js', '\u202egnp.exe'],
    folder: '/home/ada/shop',
    scripts: [{ path: 'test/cart test.js', sha256: 'ab12'.repeat(16) }],
    network: 'off',
  },
  canAlways: true,
};
const editCart: AgentApproval = {
  callId: '2.1',
  kind: 'edit',
  text: 'Change src/cart.ts?',
  diff: '--- a/src/cart.ts\n+++ b/src/cart.ts\n@@ -1,3 +1,4 @@\n const total = 0;\n-print(total);\n+if (json) print(JSON.stringify({ total }));\n+else print(total);\n',
  canAlways: true,
};
const markup = '<img src=x onerror="document.title=\'pwned\'"><b>bold</b>\u202e';

describe('runs in the chat view', () => {
  const suite = new ViewSuite(
    (daemon) => {
      daemon.agent.modes = modes;
    },
    { actions: ['copy', 'review-run', 'undo-run', 'manage-trust', 'open-diff'], host: 'vscode' },
  );

  async function ask(view: View, task: string): Promise<void> {
    await view.chat.chooseMode('Act');
    await view.chat.ask(task);
  }
  const waiting = (view: View) => view.page.getByRole('group', { name: 'Waiting for you' });
  const asked = (view: View, text: string) => waiting(view).getByText(text).waitFor();
  const allow = (view: View) => view.page.getByRole('button', { name: 'Allow Once', disabled: false });

  for (const look of everyLook) {
    it(`shows what is done, what waits, and what came of it (${lookName(look)})`, async () => {
      suite.daemon.agent.script = async ({ emit, ask: waitFor }) => {
        const items = ['Read the tool', 'Add the flag', 'Run its tests'];
        emit({
          kind: 'plan',
          items: items.map((text, index) => ({ text, state: index === 0 ? 'done' : index === 1 ? 'doing' : 'open' })),
        });
        emit({ kind: 'call', callId: '1.1', step: 1, tool: 'read', call: 'read', title: 'Read src/cart.ts' });
        emit({
          kind: 'result',
          callId: '1.1',
          ok: true,
          summary: '41 lines of src/cart.ts',
          text: 'const total = 0;\nprint(total);',
        });
        emit({ kind: 'call', callId: '2.1', step: 2, tool: 'edit', call: 'edit', title: 'Edit src/cart.ts' });
        await waitFor(editCart);
        emit({
          kind: 'result',
          callId: '2.1',
          ok: true,
          summary: 'Edited src/cart.ts',
          text: 'Done.',
          diff: editCart.diff,
        });
        emit({ kind: 'text', text: 'The flag is there. Next I run its tests.' });
        emit({ kind: 'spent', usage, cost: 0.0123, rounds: 3 });
        emit({
          kind: 'call',
          callId: '3.1',
          step: 3,
          tool: 'run',
          call: 'run',
          title: 'Run node --test',
          said: 'The flag is there. Next I run its tests.',
          ...(runTests.taint && { taint: runTests.taint }),
        });
        const { decision } = await waitFor(runTests);
        emit({ kind: 'result', callId: '3.1', ok: decision !== 'deny', summary: '3 tests passed', text: 'ok 3' });
        const changes = [
          {
            uri: 'file:///home/ada/shop/src/cart.ts',
            path: 'src/cart.ts',
            change: 'changed' as const,
            added: 2,
            removed: 1,
          },
        ];
        return { text: 'The flag is there, and its tests pass.', changes };
      };
      await using view = await suite.open(look);
      const { page, chat, server } = view;
      await ask(view, 'Add a --json flag to this little tool, and a test for it');
      await asked(view, 'Change src/cart.ts?');
      await allow(view).waitFor();
      await suite.screenshots.take(page, `run-edit-${lookName(look)}`);
      await allow(view).click();
      const steps = page.getByRole('list', { name: 'Steps' }).first();
      await steps.getByText('The flag is there. Next I run its tests.').waitFor();
      await asked(view, 'Run node --test in /home/ada/shop?');
      await allow(view).waitFor();
      await page.getByText('3 turns · 4.2k in / 310 out · $0.012 so far').waitFor();
      assert.deepEqual(
        await page.getByRole('list', { name: 'Program and 3 arguments' }).getByRole('listitem').allTextContents(),
        runTests.run?.argv,
      );
      assert.equal(await page.locator('.hidden-character').getAttribute('data-name'), 'U+202E');
      assert.ok(await view.fitsItsWidth());
      await suite.screenshots.take(page, `run-program-${lookName(look)}`);
      await page.getByRole('button', { name: 'Always', exact: true }).click();
      await chat.answerWith('its tests pass');
      await page.getByText('3 steps').click();
      await page.getByText('Run node --test').first().click();
      await page.getByText('You always allow it.').waitFor();
      await suite.screenshots.take(page, `run-done-${lookName(look)}`);
      await page.getByRole('button', { name: 'Review Changes' }).click();
      await page.getByRole('button', { name: 'Undo', exact: true }).click();
      await until('both asked of the host', () => server.actions.length === 2);
      assert.deepEqual(server.actions, [
        { kind: 'review-run', jobId: 'job-1' },
        { kind: 'undo-run', jobId: 'job-1' },
      ]);
      assert.deepEqual(suite.daemon.agent.decisions, [
        { callId: '2.1', decision: 'once' },
        { callId: '3.1', decision: 'always' },
      ]);
      assert.ok(await view.fitsItsWidth());
    });
  }

  it('chooses a mode by keyboard, and remembers it for its chat', async () => {
    suite.daemon.addChat('An old chat', 2);
    await using view = await suite.open();
    const { page, chat } = view;
    const button = page.getByRole('button', { name: /^Mode: / });
    const list = page.getByRole('listbox', { name: 'Modes' });
    await button.press('Enter');
    await list.press('t');
    await suite.screenshots.take(page, 'modes-narrow-dark');
    await list.press('Escape');
    await list.waitFor({ state: 'detached' });
    assert.equal(await button.getAttribute('aria-label'), 'Mode: Chat');
    await button.press('Enter');
    for (const key of ['End', 'Home', 'p', 'Enter']) await list.press(key);
    await until('the mode chosen', async () => (await button.getAttribute('aria-label')) === 'Mode: Plan');
    await chat.ask('How would you do it?');
    await chat.answerWith('Done.');
    await page.getByRole('button', { name: 'New chat', exact: true }).last().click();
    await until('a new chat without', async () => (await button.getAttribute('aria-label')) === 'Mode: Chat');
    const run = view.server.asked.find(({ method }) => method === 'switchyard/agent/run');
    assert.equal((run?.params as { mode?: string } | undefined)?.mode, 'plan');
    await page.reload();
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await page.getByRole('button', { name: /^New question/ }).click();
    await until('its mode again', async () => (await button.getAttribute('aria-label')) === 'Mode: Plan');
  });

  it('wraps what would change where it is narrow, and shows it in an editor', async () => {
    const long = `--- a/src/cart.ts\n+++ b/src/cart.ts\n@@ -1 +1 @@\n-const total = 0;\n+const total = ${'price + '.repeat(30)}0;\n`;
    suite.daemon.agent.script = async ({ ask: waitFor }) => {
      await waitFor({ ...editCart, diff: long });
      return { text: 'It is there.' };
    };
    await using view = await suite.open({ width: 300 });
    const { page, server } = view;
    await ask(view, 'Add it up');
    const diff = waiting(view).getByLabel('What would change');
    await diff.waitFor();
    const indent = (of: string) => diff.getByText(of).evaluate((line) => getComputedStyle(line).paddingInlineStart);
    assert.equal(await indent('@@ -1 +1 @@'), await indent('-const total'));
    assert.ok(await diff.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth));
    await suite.screenshots.take(page, 'approval-wrapped-narrow-dark');
    await page.getByRole('button', { name: 'Open Diff' }).click();
    await until('the diff opened', () =>
      server.actions.some((action) => action.kind === 'open-diff' && action.diff === long),
    );
  });

  it("says in a mode with tools that the folder isn't trusted, and shows where to trust it", async () => {
    await using view = await suite.open({ width: 300 });
    const { page, chat, server } = view;
    server.post({ type: 'trust', isTrusted: false });
    await chat.chooseMode('Act');
    await page.getByText("This folder isn't trusted, so tasks can't read or change its files.").waitFor();
    await suite.screenshots.take(page, 'distrusted-narrow-dark');
    assert.ok(await view.fitsItsWidth());
    await page.getByRole('button', { name: 'Manage Trust' }).click();
    await until('the trust asked about', () => server.actions.some(({ kind }) => kind === 'manage-trust'));
    server.post({ type: 'trust', isTrusted: true });
    await page.getByRole('button', { name: 'Manage Trust' }).waitFor({ state: 'detached' });
  });

  it('takes the keyboard to what waits, and nothing that is typed allows it', async () => {
    suite.daemon.agent.script = async ({ ask: waitFor }) => {
      const { decision, reply } = await waitFor(runTests);
      return { outcome: decision === 'deny' ? 'denied' : 'done', text: `${decision}: ${reply}` };
    };
    await using view = await suite.open();
    const { page, chat } = view;
    await ask(view, 'Test it');
    await allow(view).waitFor();
    await until('the keyboard there', () => waiting(view).evaluate((element) => element.matches(':focus')));
    for (const key of ['Enter', ' ', 'a', 'y', 'Enter']) await page.keyboard.press(key);
    assert.deepEqual(suite.daemon.agent.decisions, []);
    const field = page.getByRole('textbox', { name: 'Why not, or what to do instead' });
    await field.press('Enter');
    assert.deepEqual(suite.daemon.agent.decisions, [], 'without words there is nothing to say no with');
    await field.fill('Use npm test');
    await field.press('Enter');
    await chat.answerWith('deny: Use npm test');
  });

  it('leaves the keyboard where something is written, and keeps what is sent until the run has ended', async () => {
    const begun = Promise.withResolvers<void>();
    const tasks: string[] = [];
    suite.daemon.agent.script = async ({ task, ask: waitFor }) => {
      tasks.push(task);
      if (tasks.length > 1) return { text: 'Second.' };
      await begun.promise;
      await waitFor(runTests);
      return { text: 'First.' };
    };
    await using view = await suite.open();
    const { page, chat } = view;
    await ask(view, 'Test it');
    await chat.stopButton.waitFor();
    await chat.composer.pressSequentially('Then write the do');
    begun.resolve();
    await allow(view).waitFor();
    await page.keyboard.type('cs');
    assert.equal(await chat.composer.inputValue(), 'Then write the docs');
    await page.keyboard.press('Enter');
    await page.getByText('Queued: Then write the docs').waitFor();
    assert.deepEqual(suite.daemon.agent.decisions, []);
    await suite.screenshots.take(page, 'run-queued-narrow-dark');
    await page.getByRole('button', { name: 'Take back' }).click();
    await until('the message back', async () => (await chat.composer.inputValue()) === 'Then write the docs');
    await page.getByRole('button', { name: 'Queue' }).click();
    await allow(view).click();
    await chat.answerWith('Second.');
    assert.deepEqual(tasks, ['Test it', 'Then write the docs']);
  });

  it('stops all of it', async () => {
    const stopped = Promise.withResolvers<void>();
    suite.daemon.agent.script = async ({ signal, ask: waitFor }) => {
      signal.addEventListener('abort', () => stopped.resolve());
      await waitFor(editCart);
      return {};
    };
    await using view = await suite.open();
    await ask(view, 'Test it');
    await allow(view).waitFor();
    await view.chat.stopButton.click();
    await stopped.promise;
    await view.chat.settled();
    await waiting(view).waitFor({ state: 'detached' });
  });

  it('shows what models, tools and files say as text alone', async () => {
    suite.daemon.agent.script = async ({ emit, ask: waitFor }) => {
      emit({ kind: 'plan', items: [{ text: markup, state: 'doing' }] });
      emit({ kind: 'call', callId: '1.1', step: 1, tool: 'read', call: 'read', title: markup, taint: markup });
      emit({ kind: 'result', callId: '1.1', ok: true, summary: markup, text: markup, diff: `+${markup}` });
      await waitFor({
        ...runTests,
        text: markup,
        taint: markup,
        diff: markup,
        input: markup,
        run: { argv: [markup], folder: markup, scripts: [{ path: markup, sha256: 'ab' }], network: 'on' },
      });
      await waitFor({ callId: '4.1', kind: 'ask', text: markup, choices: [markup], canAlways: false });
      return {
        text: 'Over.',
        outcome: 'limit',
        why: markup,
        changes: [{ uri: 'file:///x', path: markup, change: 'created', added: 1, removed: 0 }],
      };
    };
    await using view = await suite.open();
    const { page, chat } = view;
    await ask(view, 'Test it');
    await allow(view).click();
    await page.getByRole('button', { name: '<b>bold</b>' }).click();
    await chat.answerWith('Over.');
    for (const name of ['1 step', '1 changed file']) await page.getByText(name).click();
    assert.equal(await page.locator('b, img').count(), 0);
    assert.notEqual(await page.title(), 'pwned');
    assert.equal(suite.daemon.agent.decisions.at(-1)?.reply, markup);
  });

  it('comes back to a run that waits, in its chat and in the list of chats', async () => {
    const { daemon } = suite;
    const chatId = daemon.addChat('Add a flag');
    daemon.add(chatId, { role: 'user', text: 'Add a flag' });
    daemon.add(chatId, { role: 'assistant', text: '', status: 'partial', jobId: 'j9' });
    daemon.addChat('Another chat', 2);
    const parts = [
      { kind: 'started' as const, jobId: 'j9', chatId, mode: 'act' },
      { kind: 'approval' as const, approval: editCart },
    ];
    daemon.agent.jobs.set('j9', jobOf('j9', 'Add a flag', { state: 'waiting', parts }));
    await using view = await suite.open();
    const { page } = view;
    await page.getByRole('img', { name: 'The agent waits for you in another chat' }).waitFor();
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await page.getByText('Waiting for you ·').waitFor();
    await suite.screenshots.take(page, 'run-waiting-list-narrow-dark');
    await page.getByRole('button', { name: /^Add a flag/ }).click();
    await asked(view, 'Change src/cart.ts?');
    await allow(view).click();
    await until('the decision there', () => daemon.agent.decisions.length === 1);
    await waiting(view).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Stop' }).click();
    await until('its job stopped', () => daemon.agent.jobs.get('j9')?.state === 'cancelled');
  });
});
