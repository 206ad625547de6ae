// A run of the agent in the chat view of the packaged extension: it waits for the user, also after the view was hidden and shown again.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Job } from '../../../shared/protocol/jobs.ts';
import { VsCodeSuite } from '../harness/vscode/suite.ts';

const question = JSON.stringify({ tool: 'ask', question: 'Which color do you want?', choices: ['Red', 'Blue'] });

describe('a run of the agent in VS Code', () => {
  let workspace = '';
  const suite = new VsCodeSuite({
    prepare(folder) {
      workspace = folder;
      return [
        { when: 'The user answers', reply: 'Blue it is.' },
        { when: 'Paint the shop', reply: question },
      ];
    },
  });

  it('waits for the user, is there again after the view was hidden, and goes on with the answer', async () => {
    const { workbench, page, view } = suite;
    const chat = await workbench.openChat();
    await chat.chooseMode('Act');
    await chat.ask('Paint the shop');
    await view.getByRole('group', { name: 'Waiting for you' }).getByText('Which color do you want?').waitFor();
    await suite.screenshots.take(page, 'run-vscode-dark');
    await workbench.run('View: Show Explorer');
    await page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
    const again = await workbench.openChat();
    await view.getByRole('button', { name: 'Blue' }).click();
    await again.answerWith('Blue it is.');
    await suite.screenshots.take(page, 'run-done-vscode-dark');
  });

  it('that was begun before the window was reloaded is told of once while the view is hidden, and that it ended', async () => {
    const { workbench, page, view, home } = suite;
    const chat = await workbench.openChat();
    await workbench.run('Switchyard: New Chat');
    await chat.chooseMode('Act');
    await chat.ask('Paint the shop');
    await view.getByRole('group', { name: 'Waiting for you' }).getByText('Which color do you want?').waitFor();
    await workbench.run('View: Show Explorer');
    await page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
    await workbench.reload();
    const toasts = page.locator('.notifications-toasts');
    await toasts.getByText('The agent is waiting for you. Which color do you want?').waitFor();
    assert.equal(await toasts.getByText('The agent is waiting for you.').count(), 1);
    await suite.screenshots.take(page, 'run-reloaded-vscode-dark');
    const { stdout } = await home.switchyardIn(workspace, 'jobs', '--json');
    const [{ id, question: asked }] = (JSON.parse(stdout) as { jobs: [Job] }).jobs;
    const [{ id: answer } = { id: '' }] = asked?.answers ?? [];
    const answered = await home.switchyardIn(workspace, 'jobs', 'answer', id, answer, 'Blue');
    assert.equal(answered.code, 0, answered.output);
    await toasts.getByText('The agent finished "Paint the shop".').waitFor();
    await toasts.getByText('The agent is waiting for you.').waitFor({ state: 'hidden' });
    await workbench.answerNotification('Show');
    await workbench.chat.answerWith('The suite has no answer to this.'); // it knows what is said in VS Code alone
  });
});
