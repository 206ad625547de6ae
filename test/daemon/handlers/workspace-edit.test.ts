// An edit that a model wrote while the user typed on.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { currentEdit } from '../../../daemon/handlers/workspace-edit.ts';
import { Session } from '../../../daemon/sessions/session.ts';

const uri = 'untitled:a';
const lineOf = (line: number, length: number) => ({
  start: { line, character: 0 },
  end: { line, character: length },
});

function opened() {
  const session = new Session(1, { notify() {}, ask: async () => null }, 0);
  session.documents.open({ uri, languageId: 'plaintext', version: 1, text: 'one\ntwo\nthree\n' });
  return { session, snippet: session.snippet({ uri }) };
}

describe('an edit of a document that moved while the model was answering', () => {
  const edits = [{ range: lineOf(1, 3), newText: 'TWO' }];
  const moves: [string, number, string, number][] = [
    ['above it', 0, 'zero\n', 2],
    ['below it', 2, 'more\n', 1],
    ['right before it', 1, 'new\n', 2],
  ];
  for (const [where, line, text, expected] of moves) {
    it(`follows what was typed ${where}, and is bound to the new version`, () => {
      const { session, snippet } = opened();
      session.documents.change(uri, 2, [{ range: lineOf(line, 0), text }]);
      assert.deepEqual(currentEdit(session, snippet, edits), {
        documentChanges: [
          { textDocument: { uri, version: 2 }, edits: [{ range: lineOf(expected, 3), newText: 'TWO' }] },
        ],
      });
    });
  }

  it('is refused when what it replaces has changed, or the document was closed', () => {
    const { session, snippet } = opened();
    const moved = { code: 'document-moved', retryable: true };
    session.documents.change(uri, 2, [{ range: lineOf(1, 1), text: 'T' }]);
    assert.throws(() => currentEdit(session, snippet, edits), moved);
    session.documents.close(uri);
    assert.throws(() => currentEdit(session, snippet, edits), moved);
  });
});
