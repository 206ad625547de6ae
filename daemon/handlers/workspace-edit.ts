// Edits as they leave: bound to the version they are for, so that a client refuses them when the document has moved.
import { moveEdits } from '../../shared/edits/move-edits.ts';
import type { WorkspaceEdit } from '../../shared/protocol/text.ts';
import { UserError } from '../base/errors.ts';
import type { Range, Snippet } from '../base/snippet.ts';
import type { Session } from '../sessions/session.ts';

/** The edit for the document as it is now. Throws UserError `document-moved` when what the edit replaces has changed since the snippet was taken. */
export function currentEdit(
  session: Pick<Session, 'document'>,
  snippet: Snippet,
  edits: readonly { range: Range; newText: string }[],
): WorkspaceEdit {
  const document = session.document(snippet.uri);
  if (document?.version === snippet.version) return toWorkspaceEdit(snippet, edits);
  const moved = document && moveEdits(edits, snippet.text, document.getText());
  if (!moved)
    throw new UserError(
      'document-moved',
      "The code changed while the model was answering, so the edit wasn't applied. Try again.",
      { retryable: true },
    );
  return toWorkspaceEdit({ ...snippet, version: document.version }, moved);
}

export function toWorkspaceEdit(
  { uri, version }: Pick<Snippet, 'uri' | 'version'>,
  edits: readonly { range: Range; newText: string }[],
): WorkspaceEdit {
  return { documentChanges: [{ textDocument: { uri, version }, edits: [...edits] }] };
}
