// A process that writes into several databases at once until it is killed, each in its own worker thread, as the daemon does.
// Prints `<database> <chat or answer id> <number>` for each write that was acknowledged.
import { longChat } from '../../../imported-chats.ts';
import { openTestStorage } from '../../../open-storage.ts';

const databases = process.argv.slice(2);
await Promise.all(databases.map(write));

async function write(database: string, index: number): Promise<void> {
  const { chats } = openTestStorage(database);
  for (let round = 0; ; round++) {
    const chat = await chats.createChat({ title: `round ${round}` });
    say(index, 'chat', chat.id);
    const question = await chats.addUserMessage(chat.id, {
      text: `question ${round} ${'with some words '.repeat(round % 40)}`,
    });
    say(index, 'message', question.id);
    const answer = await chats.startAnswer(chat.id, { decision: { model: 'lab/tiny' } });
    say(index, 'message', answer.id);
    for (let piece = 0; piece < 6; piece++) {
      await chats.appendAnswer(answer.id, { text: `${piece},` });
      say(index, `piece-${piece}`, answer.id);
    }
    await chats.finishAnswer(answer.id, { status: 'complete' });
    say(index, 'finished', answer.id);
    if (round % 20 !== 5) continue;
    const { chatId = '' } = await chats.importChat(
      longChat(600, { title: 'imported', origin: { source: 'chatgpt', id: `${round}` } }),
    );
    say(index, 'imported', chatId);
  }
}

/** A write into a pipe is done when it returns: what a killed process has said was acknowledged before. */
function say(index: number, what: string, id: string): void {
  process.stdout.write(`${index} ${what} ${id}\n`);
}
