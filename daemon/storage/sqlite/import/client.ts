// The asking side of an import: hands a chat over slice by slice, and takes it back where it is cancelled.
import { throwIfCancelled } from '../../../base/errors.ts';
import type { ImportedChat, ImportOptions, ImportResult } from '../../import.ts';
import type { TreeMessage } from '../../messages.ts';
import { titleFrom } from '../chats/title.ts';
import { arranged } from './arrange.ts';
import type { ImportCalls } from './types.ts';

// About 10 ms of work.
const sliceMessages = 250;
const sliceCharacters = 500_000;

/** Throws UserError `bad-chat`, CancelledError, and what the calls throw; whatever it throws, nothing of the chat is seen. */
export async function importInSlices(
  calls: ImportCalls,
  { messages, ...head }: ImportedChat,
  { dryRun = false, signal, onProgress }: ImportOptions = {},
): Promise<ImportResult> {
  const tree = arranged(messages);
  const importId = await calls.begin(
    { ...head, title: head.title || titleFrom(tree.find(({ role }) => role === 'user')?.text ?? '') },
    { dryRun },
  );
  try {
    let taken = 0;
    for (const slice of slicesOf(tree)) {
      if (signal) throwIfCancelled(signal);
      await calls.add(importId, slice);
      taken += slice.length;
      onProgress?.(taken);
    }
    for (;;) {
      if (signal) throwIfCancelled(signal);
      const ended = await calls.finish(importId);
      if (ended) return ended;
    }
  } catch (error) {
    await calls.drop(importId).catch(() => {}); // a worker that ended has dropped it
    throw error;
  }
}

function* slicesOf(messages: readonly TreeMessage[]): Generator<TreeMessage[]> {
  let slice: TreeMessage[] = [];
  let characters = 0;
  for (const message of messages) {
    slice.push(message);
    characters += message.text.length + (message.reasoning?.length ?? 0);
    if (slice.length < sliceMessages && characters < sliceCharacters) continue;
    yield slice;
    slice = [];
    characters = 0;
  }
  if (slice.length > 0) yield slice;
}
