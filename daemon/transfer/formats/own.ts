// Chats of a document that Switchyard wrote. Fields that it does not know, as a newer version may have, are left out.
import { TransferredChat } from '../../../shared/protocol/transfer.ts';
import { UnreadableChat } from '../error.ts';

/** Throws UnreadableChat that names the wrong field. */
export function checked(value: unknown): TransferredChat {
  const parsed = TransferredChat.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UnreadableChat(
    `${issue?.path.map(String).join('.') || 'it'} is not what it should be (${issue?.message ?? 'wrong'})`,
  );
}
