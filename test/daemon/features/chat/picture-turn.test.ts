// A turn that a picture answers: what is paid for, what goes to whoever asked, and that the picture is stored nowhere.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import type { ChatShapes, ReplyPart } from '../../../../daemon/features/chat/chat.ts';
import { createPictureTurns, type PictureTurn } from '../../../../daemon/features/chat/picture-turn.ts';
import type { PictureOrder } from '../../../../daemon/models/make-pictures.ts';
import { never } from '../../models/providers/adapters.ts';
import { openTestStorage, testFolder } from '../../storage/open-storage.ts';

const data = Buffer.from('a picture that nobody may find again').toString('base64');

function desk(over: { data?: string; costUsd?: number; failure?: Error } = {}) {
  const folder = testFolder();
  const storage = openTestStorage<ChatShapes>(folder.database);
  const orders: PictureOrder[] = [];
  const make = createPictureTurns({
    storage: storage as never,
    now: () => 5,
    pictureMaker: {
      async make(order) {
        orders.push(order);
        if (over.failure) throw over.failure;
        const picture = { mediaType: 'image/png' as const, data, costUsd: 0.04, ...over };
        return {
          ...picture,
          model: 'openai/gpt-image-1.5',
          prompt: order.prompt,
          notes: ['Half of the budget is used.'],
        };
      },
    },
  });
  return {
    folder,
    storage,
    orders,
    async ask(turn: Partial<PictureTurn> = {}) {
      const parts: ReplyPart[] = [];
      const asked = { profile: 'default', text: 'A lighthouse', ...turn };
      const reply = await make(asked, { signal: never, onPart: (part) => parts.push(part) });
      return { reply, parts };
    },
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const pictureOf = (parts: readonly ReplyPart[]): string =>
  parts.map((part) => (part.kind === 'picture' ? part.data : '')).join('');

describe('a picture as an answer', () => {
  it('goes to whoever asked, and is said to be made, by whom and at what price', async () => {
    await using at = desk();
    const { reply, parts } = await at.ask();
    assert.equal(pictureOf(parts), data);
    assert.match(reply.text, /openai\/gpt-image-1\.5 for \$0\.04\. Pictures aren't stored/);
    assert.deepEqual([reply.cost, reply.decision.model], [0.04, 'openai/gpt-image-1.5']);
    const { items } = await at.storage.chats.messages(reply.chatId, {});
    assert.deepEqual(
      items.map(({ role, text, status }) => [role, text, status]),
      [
        ['user', 'A lighthouse', 'complete'],
        ['assistant', reply.text, 'complete'],
      ],
    );
    assert.deepEqual(items[1]?.notes, ['Half of the budget is used.']);
    assert.deepEqual(
      [at.orders[0]?.chat, at.orders[0]?.answer],
      [reply.chatId, reply.messageId],
      'its cost is its own',
    );
  });

  it('is in no file of ours', async () => {
    await using at = desk();
    await at.ask();
    const folder = dirname(at.folder.database);
    for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = readFileSync(join(file.parentPath, file.name));
      for (const needle of [data, Buffer.from(data, 'base64').toString()])
        assert.ok(!bytes.includes(needle), `${file.name} has it`);
    }
  });

  it('comes in pieces that a view takes, where it is large', async () => {
    const large = 'A'.repeat(2_500_000);
    await using at = desk({ data: large });
    const { parts } = await at.ask();
    const pieces = parts.filter((part) => part.kind === 'picture');
    assert.deepEqual(
      pieces.map(({ isLast }) => isLast),
      [false, false, true],
    );
    assert.equal(pictureOf(parts), large);
  });

  it('says what was not sent', async () => {
    await using at = desk();
    const { parts } = await at.ask({ attachments: [{ kind: 'file', uri: 'file:///a.ts', text: 'x' }] });
    assert.ok(parts.some((part) => part.kind === 'note' && part.text.startsWith("What you attached wasn't sent.")));
  });

  it('may exceed a budget where the user says so', async () => {
    await using at = desk();
    await at.ask({ overBudget: true });
    assert.equal(at.orders[0]?.overBudget, true);
  });

  it('can be made once more, as another version', async () => {
    await using at = desk();
    const { reply } = await at.ask();
    await at.ask({ chatId: reply.chatId, retryOf: reply.messageId });
    const { items } = await at.storage.chats.messages(reply.chatId, {});
    assert.deepEqual([items.length, items[1]?.versions], [2, 2]);
  });

  for (const [what, turn] of [
    ['nothing is described', { text: '  ' }],
    ['its chat is gone', { chatId: crypto.randomUUID() }],
    ['the answer that it replaces is gone', { retryOf: crypto.randomUUID() }],
  ] as const)
    it(`is not paid for where ${what}`, async () => {
      await using at = desk();
      await assert.rejects(at.ask(turn), UserError);
      assert.deepEqual(at.orders, []);
    });

  it('leaves nothing in the chat where none was made', async () => {
    await using at = desk({ failure: new UserError('budget-reached', 'The budget is used up.') });
    const { id } = await at.storage.chats.createChat({});
    await assert.rejects(at.ask({ chatId: id }), { code: 'budget-reached' });
    assert.deepEqual((await at.storage.chats.messages(id, {})).items, []);
  });
});
