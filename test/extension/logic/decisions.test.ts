// The small decisions of the extension: where chat code goes, when to reconnect, what the status bar says.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chooseApplyTarget } from '../../../extension/logic/apply-target.ts';
import { countFailure, nextDelayMs } from '../../../extension/logic/back-off.ts';
import { statusText } from '../../../extension/logic/status-text.ts';

describe('code from a chat', () => {
  const fileText = 'import a from "a";\n\nexport function add(x, y) {\n  return x - y;\n}\n';

  it('replaces the selection, if there is one', () => {
    assert.equal(chooseApplyTarget({ hasSelection: true, fileText, code: fileText }), 'selection');
  });
  it('replaces the file when half of its lines stand in the code', () => {
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText, code: fileText.replace('-', '+') }), 'file');
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText: '', code: 'anything' }), 'file');
  });
  it('goes to the cursor when it is something else, brackets or not', () => {
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText, code: 'function sub() {\n}\n' }), 'cursor');
  });
});

describe('a forwarder that ended', () => {
  const ended = { reason: '', isFinal: false, livedMs: 10 };

  it('is started again after growing delays, and given up after five tries', () => {
    const counts = [1, 2, 3, 4, 5];
    assert.deepEqual(
      counts.map((_, failuresBefore) => countFailure(failuresBefore, ended)),
      counts,
    );
    assert.deepEqual(
      counts.map((failures) => nextDelayMs(failures, ended)),
      [500, 1000, 2000, 4000, undefined],
    );
  });
  it('is given up at once when another try cannot help', () => {
    assert.equal(nextDelayMs(1, { ...ended, isFinal: true }), undefined);
  });
  it('begins a new count when it had worked for long', () => {
    assert.equal(countFailure(4, { ...ended, livedMs: 3_600_000 }), 1);
  });
});

describe('the status bar', () => {
  const status = {
    version: '0.1.0',
    pid: 42,
    uptimeMs: 1,
    clients: [{ id: 1, name: 'Code', connectedAt: 0 }],
    running: ['switchyard/daemon/status'],
    answering: [] as { model?: string }[],
    natives: [],
    models: [
      { id: 'local/tiny', loaded: true },
      { id: 'local/big', loaded: false },
    ],
    dataDir: '',
    configFile: '',
    logFile: '',
    memoryBytes: 90e6,
    disk: { database: 0, backups: 0, models: 0, logs: 0 },
    hosts: [],
    history: { waiting: 0, dropped: 0 },
  };

  it('names the model in memory, and is at rest when only its own question runs', () => {
    const { text, tooltip } = statusText({ kind: 'connected' }, status);
    assert.equal(text, '$(check) local/tiny');
    assert.match(tooltip, /process 42\n1 client, 90 MB/);
  });
  it('turns while the daemon works', () => {
    assert.match(
      statusText({ kind: 'connected' }, { ...status, running: ['switchyard/chat/send'] }).text,
      /^\$\(loading~spin\)/,
    );
  });
  it('warns, with the reason, when the daemon is lost', () => {
    const { isWarning, tooltip } = statusText({ kind: 'lost', detail: 'The disk is full.' }, undefined);
    assert.ok(isWarning);
    assert.match(tooltip, /The disk is full\./);
  });
});
