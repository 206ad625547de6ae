// A process that streams into the database until it is killed. Prints the answer's id, then each append that was acknowledged.
import { openTestStorage } from '../../open-storage.ts';

const { chats } = openTestStorage(process.argv[2] ?? '');
const chat = await chats.createChat({});
await chats.addUserMessage(chat.id, { text: 'Count, please.' });
const answer = await chats.startAnswer(chat.id, {});
await print(answer.id);
for (let batch = 0; ; batch += 20) {
  await Promise.all(Array.from({ length: 20 }, (_, i) => append(batch + i)));
}

async function append(number: number): Promise<void> {
  await chats.appendAnswer(answer.id, { text: `${number},` });
  await print(String(number));
}

/** Resolves when the line is out of this process, so that it runs no further ahead of its reader than the pipe is long. */
async function print(line: string): Promise<void> {
  await new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));
}
