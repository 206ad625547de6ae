// Typing in a document with findings: keystrokes that come together are one comparison, and one notification.
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { FindingBoard } from '../../../daemon/features/pipeline/finding-board.ts';
import { handleDidChange } from '../../../daemon/handlers/documents.ts';
import { Session } from '../../../daemon/sessions/session.ts';
import { noProfileOf } from '../../../daemon/sessions/session-profiles.ts';

const uri = 'untitled:a';
const at = (line: number) => ({ start: { line, character: 0 }, end: { line, character: 0 } });

function typing() {
  const sent: unknown[] = [];
  const session = new Session(1, { notify: (_method, params) => sent.push(params), ask: async () => null }, 0);
  session.documents.open({ uri, languageId: 'plaintext', version: 1, text: 'one\ntwo\n' });
  const board = new FindingBoard();
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } };
  const finding = { severity: 'info', category: 'c', message: 'm', source: 's', confidence: 1 } as const;
  board.in(noProfileOf(session)).set(uri, [{ id: 'f', uri, range, evidence: 'two', ...finding }]);
  const services = { board, index: { noteTyping() {} }, completions: { noteChange() {} } };
  const call = { session, services } as unknown as Parameters<typeof handleDidChange>[1];
  const type = (version: number, line: number, text: string) =>
    handleDidChange({ textDocument: { uri, version }, contentChanges: [{ range: at(line), text }] }, call);
  return { sent, type };
}

describe('typing', () => {
  it('publishes once for keystrokes that come together, of the last version', async () => {
    const { sent, type } = typing();
    for (let version = 2; version < 22; version++) type(version, 0, '\n');
    await turn();
    assert.equal(sent.length, 1);
    assert.match(JSON.stringify(sent), /"version":21,.*"start":{"line":21,/);
  });

  it('publishes nothing for keystrokes that move no finding', async () => {
    const { sent, type } = typing();
    type(2, 0, '\n');
    await turn();
    for (let version = 3; version < 10; version++) {
      type(version, 3, 'z');
      await turn();
    }
    assert.equal(sent.length, 1);
  });
});
