// Questions about a whole folder in the packaged extension: what was found stands under the question, and what the answer cites opens
// at its lines; mentions are completed, questions edited, profiles switched.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { fileName, filePath } from './harness/flawed-code.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';

describe('questions about a folder in VS Code', () => {
  const suite = new VsCodeSuite({
    prepare: () => [
      {
        when: 'Where is the total',
        reply: `It is summed in \`${filePath}:29-31\`, and nothing is in \`src/nowhere.ts:3\`. See [the class](${filePath}#L12).`,
      },
      { when: 'And now', reply: 'Another answer.' },
      { when: 'And then', reply: 'A better answer.' },
    ],
    config: (own) => ({ ...own, localOnly: true }),
  });
  const selected = (text: string | RegExp): Promise<void> =>
    suite.page.locator('[id="status.editor.selection"]').getByText(text).waitFor();

  it('finds code for a question, and opens what the answer cites at its lines', async () => {
    await suite.workbench.run('Switchyard: Refresh Index');
    await suite.page
      .getByText(/files? indexed, in/)
      .first()
      .waitFor();
    const chat = await suite.workbench.openChat();
    await chat.ask('Where is the total computed? @codebase');
    const answer = await chat.answerWith('It is summed in');
    await chat.settled();
    await chat.questions
      .last()
      .locator('sw-attachments')
      .getByText(/pieces of code|\.ts:\d/)
      .first()
      .waitFor();
    await answer.getByRole('link', { name: `${filePath}:29-31` }).click();
    await suite.page.locator(`.tab.active[aria-label^="${fileName}"]`).waitFor();
    await selected(/Ln 32, Col 1 \(\d+ selected\)/);
    await answer.getByRole('link', { name: 'the class' }).click();
    await selected(/Ln 13, Col 1/);
    assert.equal(await answer.getByRole('link').count(), 2, 'a file that is not there is no link');
    await suite.screenshots.take(suite.page, 'citations-vscode-dark');
  });

  it('completes the name of a file', async () => {
    const { chat } = suite.workbench;
    await chat.composer.pressSequentially('See @file:car');
    await suite.view
      .getByRole('option', { name: new RegExp(filePath) })
      .first()
      .waitFor();
    await suite.screenshots.take(suite.page, 'mention-vscode-dark');
    await chat.composer.press('Enter');
    assert.equal(await chat.composer.inputValue(), `See @file:${filePath} `);
    await chat.composer.fill('');
  });

  it('asks an edited question anew, and keeps what it was', async () => {
    const chat = suite.workbench.chat;
    await chat.ask('And now?');
    await chat.answerWith('Another answer.');
    await chat.settled();
    await chat.questions.last().hover();
    await chat.questions.last().getByRole('button', { name: 'Edit' }).click();
    await suite.view.getByRole('button', { name: 'Cancel edit' }).waitFor();
    await chat.ask('And then?');
    await chat.answerWith('A better answer.');
    await chat.settled();
    await suite.view
      .getByRole('group', { name: 'Version 2 of 2' })
      .getByRole('button', { name: 'Previous version' })
      .click();
    await chat.answerWith('Another answer.');
    await suite.view.getByRole('group', { name: 'Version 1 of 2' }).waitFor();
  });

  it('works in another profile, where nothing of the first is seen', async () => {
    await suite.workbench.run('Switchyard: Switch Profile');
    await suite.option(/New Profile/).click();
    await suite.enter('name of the new profile', 'Acme');
    await suite.page.getByText('This window now uses the profile "Acme".').first().waitFor();
    await suite.view.getByRole('button', { name: 'Profile Acme' }).waitFor();
    assert.equal(await suite.workbench.chat.questions.count(), 0);
    await suite.workbench.run('Switchyard: Switch Profile');
    await suite.option(/Acme.*used in this window/).waitFor();
    await suite.screenshots.take(suite.page, 'profiles-dark');
    await suite.option(/default/).click();
    await suite.view.getByRole('button', { name: 'Profile default' }).waitFor();
    await suite.view.getByTitle('Chats', { exact: true }).click();
    await suite.view.getByRole('button', { name: /^Where is the total/ }).click();
    await suite.workbench.chat.questions.first().getByText('Where is the total').waitFor();
  });
});
