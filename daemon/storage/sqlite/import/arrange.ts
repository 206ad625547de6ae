// Whether messages make a tree, and which versions of it are chosen. Pure.
import { UserError } from '../../../base/errors.ts';
import type { TreeMessage } from '../../messages.ts';

/**
 * The same messages, of which exactly one of those with one parent is chosen: the last that says so, else the last. Throws UserError
 * `bad-chat` where an id repeats or a parent does not come before its children.
 */
export function arranged(messages: readonly TreeMessage[]): TreeMessage[] {
  const seen = new Set<string>();
  const chosen = new Map<string | undefined, TreeMessage>();
  for (const [index, message] of messages.entries()) {
    const { id, parentId } = message;
    if (seen.has(id)) throw badChat(`its message ${index + 1} has the id of another one`);
    if (parentId !== undefined && !seen.has(parentId))
      throw badChat(`its message ${index + 1} follows one that does not come before it`);
    seen.add(id);
    const rival = chosen.get(parentId);
    if (!rival || message.chosen !== false || rival.chosen === false) chosen.set(parentId, message);
  }
  return messages.map(({ chosen: _, ...message }) =>
    chosen.get(message.parentId)?.id === message.id ? message : { ...message, chosen: false },
  );
}

/** `why` goes on after a colon. */
export function badChat(why: string): UserError {
  return new UserError('bad-chat', `This chat cannot be imported: ${why}. Export it again, or leave it out.`);
}
