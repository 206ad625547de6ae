// "Review changes" under an answer in the chat view: where there is something to review, and somebody who can show it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { until } from '../harness/until.ts';
import { ViewSuite } from '../harness/view-suite.ts';

const edit = ['```ts src/a.ts', '<<<<<<< SEARCH', 'a();', '=======', 'b();', '>>>>>>> REPLACE', '```'].join('\n');
const plain = '```ts\nb();\n```';

describe('the changes of an answer in the chat view', () => {
  const suite = new ViewSuite(() => {});

  for (const [name, answer, actions, isOffered] of [
    ['are offered for review', edit, ['copy', 'apply', 'review-edits'], true],
    ['are not, where the host has no files', edit, ['copy'], false],
    ['are not, of code that names no file', plain, ['copy', 'apply', 'review-edits'], false],
  ] as const)
    it(name, async () => {
      suite.daemon.write = async ({ say }) => say(answer);
      await using view = await suite.open({ actions: [...actions], host: 'vscode' });
      await view.chat.ask('Change it');
      await view.chat.answerWith('b();');
      await view.chat.settled();
      const button = view.page.getByRole('button', { name: 'Review changes' });
      assert.equal(await button.count(), isOffered ? 1 : 0);
      if (!isOffered) return;
      assert.equal(await view.page.getByRole('button', { name: 'Apply' }).count(), 0, 'the markers are no code');
      await button.click();
      await until('the host to be asked', () => view.server.actions.length === 1);
      const [action] = view.server.actions;
      assert.equal(action?.kind, 'review-edits');
      assert.ok(action?.kind === 'review-edits' && action.chatId !== '' && action.messageId !== '');
    });
});
