// A run of the agent in the chat view of the packaged extension: it waits for the user, also after the view was hidden and shown again.
import { describe, it } from 'mocha';
import { VsCodeSuite } from '../harness/vscode/suite.ts';

const question = JSON.stringify({ tool: 'ask', question: 'Which color do you want?', choices: ['Red', 'Blue'] });

describe('a run of the agent in VS Code', () => {
  const suite = new VsCodeSuite({
    prepare: () => [
      { when: 'The user answers', reply: 'Blue it is.' },
      { when: 'Paint the shop', reply: question },
    ],
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
});
