// What every storage engine has to do about versions of messages: a chat is a tree, of which one branch is read.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Chats } from '../../../daemon/storage/chats.ts';

export function describeTrees(chats: () => Chats): void {
  const ask = async (chatId: string, text: string, editOf?: string) =>
    (await chats().addUserMessage(chatId, { text, ...(editOf && { editOf }) })).id;
  const answer = async (chatId: string, text: string, place: { retryOf?: string; after?: string } = {}) => {
    const { id } = await chats().startAnswer(chatId, place);
    await chats().appendAnswer(id, { text });
    await chats().finishAnswer(id, { status: 'complete' });
    return id;
  };
  /** An answer to Q3. */
  const begun = async (chatId: string) => {
    await ask(chatId, 'Q3');
    return (await chats().startAnswer(chatId, {})).id;
  };
  /** What is read, each message with its version where it has several. */
  const read = async (chatId: string) =>
    (await chats().messages(chatId, {})).items.map(({ text, version, versions }) =>
      versions === 1 ? text : `${text} ${version}/${versions}`,
    );
  /** Q1 A1 Q2 A2, with their ids. */
  const talk = async () => {
    const { id } = await chats().createChat({});
    return {
      chat: id,
      q1: await ask(id, 'Q1'),
      a1: await answer(id, 'A1'),
      q2: await ask(id, 'Q2'),
      a2: await answer(id, 'A2'),
    };
  };

  describe('versions', () => {
    it('a retried answer is another version of it; what followed the old one stays with the old one', async () => {
      const { chat, a1 } = await talk();
      const second = await answer(chat, 'B1', { retryOf: a1 });
      assert.deepEqual(await read(chat), ['Q1', 'B1 2/2']);
      assert.equal((await chats().chat(chat)).messageCount, 2);
      await answer(chat, 'C1', { retryOf: second });
      assert.deepEqual(await read(chat), ['Q1', 'C1 3/3']);
      await chats().chooseVersion(chat, second, 1);
      assert.deepEqual(await read(chat), ['Q1', 'A1 1/3', 'Q2', 'A2']);
      assert.equal((await chats().message(second)).text, 'B1');
    });

    it('an answer that is resumed grows: it is one version, and its end is the new one', async () => {
      const { chat, a2 } = await talk();
      const decision = { model: 'other' };
      await chats().finishAnswer(await begun(chat), {
        status: 'complete',
        finishReason: 'length',
        last: [{ text: 'One, ', note: 'cut' }, { note: 'kept' }],
      });
      const { id } = (await chats().messages(chat, {})).items.at(-1) ?? { id: '' };
      await chats().resumeAnswer(chat, id, { decision, withoutNote: 'cut' });
      const open = await chats().message(id);
      assert.deepEqual(
        [open.status, open.text, open.notes, open.finishReason],
        ['streaming', 'One, ', ['kept'], undefined],
      );
      await chats().appendAnswer(id, { text: 'hm</think>' });
      await chats().appendAnswer(id, { text: 'two.' });
      await chats().finishAnswer(id, {
        status: 'complete',
        finishReason: 'stop',
        thoughtCharacters: 10,
        thoughtFrom: 5,
      });
      const ended = await chats().message(id);
      assert.deepEqual(
        [ended.status, ended.text, ended.reasoning, ended.decision],
        ['complete', 'One, two.', 'hm</think>', decision],
      );
      assert.deepEqual(await read(chat), ['Q1', 'A1', 'Q2', 'A2', 'Q3', 'One, two.']);
      await assert.rejects(chats().resumeAnswer(chat, a2), { code: 'not-last-answer' });
      await assert.rejects(chats().resumeAnswer(chat, (await chats().startAnswer(chat, { retryOf: id })).id), {
        code: 'not-last-answer',
      });
      await assert.rejects(chats().resumeAnswer((await talk()).chat, id), { code: 'message-not-found' });
    });

    it('an edited message is another version of it, with a branch of its own', async () => {
      const { chat, q2 } = await talk();
      const edited = await ask(chat, 'R2', q2);
      await answer(chat, 'S2');
      assert.deepEqual(await read(chat), ['Q1', 'A1', 'R2 2/2', 'S2']);
      await chats().chooseVersion(chat, edited, 1);
      assert.deepEqual(await read(chat), ['Q1', 'A1', 'Q2 1/2', 'A2']);
      await chats().chooseVersion(chat, q2, 2);
      assert.deepEqual(await read(chat), ['Q1', 'A1', 'R2 2/2', 'S2']);
    });

    it('the first message has versions too, and a branch that is left remembers what was read in it', async () => {
      const { chat, q1, a2 } = await talk();
      await answer(chat, 'B2', { retryOf: a2 });
      await ask(chat, 'P1', q1);
      assert.deepEqual(await read(chat), ['P1 2/2']);
      await chats().chooseVersion(chat, q1, 1);
      assert.deepEqual(await read(chat), ['Q1 1/2', 'A1', 'Q2', 'B2 2/2']);
    });

    it("a turn begins in one step: a new chat or the message's own, the question stored, and what came before it recalled", async () => {
      const first = await chats().beginTurn({ question: { text: 'Q1', attachments: ['a'] }, recall: 10 });
      assert.deepEqual(
        first.messages.map(({ role, text, attachments }) => [role, text, attachments]),
        [['user', 'Q1', ['a']]],
      );
      const { title, messageCount } = await chats().chat(first.chatId);
      assert.deepEqual([title, messageCount], ['Q1', 1]);
      await chats().updateChat(first.chatId, { model: 'lab/tiny' });
      const a1 = await answer(first.chatId, 'A1', { after: first.messages[0]?.id ?? '' });
      await chats().pin(first.messages[0]?.id ?? '', true);
      const second = await chats().beginTurn({ chatId: first.chatId, question: { text: 'Q2' }, recall: 1 });
      assert.deepEqual(
        [second.messages.map(({ text, pinned }) => [text, pinned]), second.earlier, second.model],
        [
          [
            ['Q1', true],
            ['Q2', undefined],
          ],
          1,
          'lab/tiny',
        ],
      );
      const edited = await chats().beginTurn({
        question: { text: 'R2', editOf: second.messages[1]?.id ?? '' },
        recall: 10,
      });
      assert.deepEqual([edited.chatId, edited.messages.map(({ text }) => text)], [first.chatId, ['Q1', 'A1', 'R2']]);
      const again = await chats().beginTurn({ retryOf: a1, recall: 10 });
      assert.deepEqual([again.chatId, again.messages.map(({ text }) => text)], [first.chatId, ['Q1', 'A1']]);
      assert.deepEqual(await read(first.chatId), ['Q1', 'A1', 'R2 2/2']);
      await assert.rejects(chats().beginTurn({ chatId: 'none', question: { text: 'Q' }, recall: 1 }), {
        code: 'chat-not-found',
      });
      await assert.rejects(chats().beginTurn({ retryOf: 'none', recall: 1 }), { code: 'message-not-found' });
    });

    it('an edit in a branch that is not read brings that branch back, and a version there can be chosen', async () => {
      const { chat, q1, q2, a2 } = await talk();
      await ask(chat, 'P1', q1);
      await ask(chat, 'R2', q2);
      assert.deepEqual(await read(chat), ['Q1 1/2', 'A1', 'R2 2/2']);
      await chats().chooseVersion(chat, q1, 2);
      await chats().chooseVersion(chat, a2, 1);
      assert.deepEqual(await read(chat), ['Q1 1/2', 'A1', 'Q2 1/2', 'A2']);
    });

    it('an answer goes after its question, though another branch is read by then', async () => {
      const { chat, q1, a1 } = await talk();
      const late = await ask(chat, 'Q3');
      await ask(chat, 'P1', q1);
      const id = await answer(chat, 'A3', { after: late });
      assert.deepEqual(await read(chat), ['P1 2/2']);
      await chats().chooseVersion(chat, a1, 1);
      assert.deepEqual(await read(chat), ['Q1 1/2', 'A1', 'Q2', 'A2', 'Q3', 'A3']);
      assert.deepEqual(
        (await chats().thread(chat, id, 3)).messages.map(({ text }) => text),
        ['A2', 'Q3', 'A3'],
      );
    });

    it('a version that is not there, or a message of another chat, is named as the reason', async () => {
      const [{ chat, q1, a1, q2 }, other] = [await talk(), await talk()];
      await assert.rejects(chats().chooseVersion(chat, q1, 2), { code: 'no-such-version' });
      const gone = { code: 'message-not-found' };
      await assert.rejects(chats().chooseVersion(chat, other.q1, 1), gone);
      await assert.rejects(chats().addUserMessage(chat, { text: 'x', editOf: other.q1 }), gone);
      await assert.rejects(chats().addUserMessage(chat, { text: 'x', editOf: a1 }), gone);
      await assert.rejects(chats().startAnswer(chat, { after: other.q1 }), gone);
      await assert.rejects(chats().thread(chat, other.q1, 5), gone);
      assert.deepEqual(await read(chat), ['Q1', 'A1', 'Q2', 'A2']);
      assert.equal((await chats().message(q2)).text, 'Q2');
    });

    it('a fork copies the branch of the named message, without other versions', async () => {
      const { chat, a1, q2, a2 } = await talk();
      await answer(chat, 'B1', { retryOf: a1 });
      assert.deepEqual(await read((await chats().forkChat(chat)).id), ['Q1', 'B1']);
      assert.deepEqual(await read((await chats().forkChat(chat, a2)).id), ['Q1', 'A1', 'Q2', 'A2']);
      const fork = await chats().forkChat(chat, q2);
      await answer(fork.id, 'F2');
      assert.deepEqual(await read(fork.id), ['Q1', 'A1', 'Q2', 'F2']);
    });

    it('a thread holds the newest messages and every pinned one of its branch, and counts the others', async () => {
      const { chat, q1, a1, q2, a2 } = await talk();
      const { messages, earlier } = await chats().thread(chat, a2, 2);
      assert.deepEqual([messages.map(({ id }) => id), earlier], [[q2, a2], 2]);
      await chats().pin(q1, true);
      const pinned = await chats().thread(chat, a2, 2);
      assert.deepEqual(
        [pinned.messages.map(({ id, pinned: is = false }) => [id, is]), pinned.earlier],
        [
          [
            [q1, true],
            [q2, false],
            [a2, false],
          ],
          1,
        ],
      );
      await answer(chat, 'B1', { retryOf: a1 });
      await chats().pin(q1, false);
      await chats().pin(a1, true);
      const other = await ask(chat, 'R2');
      assert.deepEqual(
        (await chats().thread(chat, other, 1)).messages.map(({ text }) => text),
        ['R2'],
      );
    });

    it('an answer keeps what it was made from', async () => {
      const { chat } = await talk();
      const { id } = await chats().startAnswer(chat, {});
      const context = { pinned: ['a'], recent: 2, firstRecent: 'b', leftOut: 1 };
      await chats().finishAnswer(id, { status: 'complete', context });
      assert.deepEqual((await chats().message(id)).context, context);
    });
  });
}
