// A turn over the Agent Client Protocol whose daemon is killed: it goes on by itself, and what waited is asked once.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Reply } from '../../fakes/provider-servers/scripted-server.ts';
import { calling, never } from '../agent/scripted-lab.ts';
import { until } from '../home.ts';
import { AcpEditor, choosing } from './editor.ts';
import { AcpLab, edits } from './lab.ts';

describe('a run over the Agent Client Protocol whose daemon is killed', () => {
  let lab: AcpLab;
  let editor: AcpEditor;
  let sessionId: string;

  before(async () => {
    lab = await AcpLab.open();
  });
  after(() => lab[Symbol.asyncDispose]());
  beforeEach(async () => {
    editor = await AcpEditor.open(lab.home);
    ({ sessionId } = await editor.session(lab.folder));
  });
  afterEach(() => editor.leave());

  function kill(): void {
    lab.home.killDaemon();
  }
  const text = (): string => editor.text(sessionId, 'agent_message_chunk');
  const reads: Reply = { ...calling('read', { path: 'answer.ts' }), text: 'I look.' };

  it('goes on while the model answers, and says nothing twice', async () => {
    lab.begin([reads, { text: 'It is', hold: { after: 1, until: never } }, 'It is 42.']);
    const prompt = editor.prompt(sessionId, 'What is it?');
    await until('the answer', () => text().includes('It'));
    kill();
    assert.equal((await prompt).stopReason, 'end_turn');
    assert.equal(text(), 'I look.\n\nIt is 42.');
    assert.equal(editor.of(sessionId, 'tool_call').length, 1);
    assert.equal(editor.of(sessionId, 'tool_call_update').length, 1);
    assert.match(editor.text(sessionId, 'agent_thought_chunk'), /daemon stopped.*the run goes on/);
    assert.equal(lab.asked.length, 3);
  });

  it('asks about an edit once, and does it with the answer that was given meanwhile', async () => {
    lab.begin([edits, 'It is 43 now.']);
    const { promise: decided, resolve: decide } = Promise.withResolvers<void>();
    editor.answer = (request) => decided.then(() => choosing('allow_once')(request));
    const prompt = editor.prompt(sessionId, 'Make it 43.');
    await until('the question', () => editor.permissions.items.length === 1);
    kill();
    decide();
    assert.equal((await prompt).stopReason, 'end_turn');
    assert.equal(editor.permissions.items.length, 1);
    assert.equal(readFileSync(lab.path, 'utf8'), 'export const answer = 43;\n');
    const { status, title } = editor.of(sessionId, 'tool_call_update').at(-1) ?? {};
    assert.deepEqual([status, title], ['completed', 'Change answer.ts'], 'its title is no question any more');
  });

  it('runs no program twice, and tells the model', async () => {
    const [started, stop] = ['started', 'stop'].map((name) => lab.home.project('work', name)) as [string, string];
    const script =
      "const fs = require('node:fs'); fs.appendFileSync('started', 'x'); setInterval(() => fs.existsSync('stop') && process.exit(), 20)";
    lab.begin([calling('run', { argv: ['node', '-e', script] }), 'I look at what is there.']);
    const prompt = editor.prompt(sessionId, 'Go.');
    await until('the program', () => existsSync(started));
    kill();
    writeFileSync(stop, '');
    assert.equal((await prompt).stopReason, 'end_turn');
    assert.equal(editor.of(sessionId, 'tool_call_update').at(-1)?.status, 'failed');
    assert.match(lab.told, /Switchyard stopped while this was being done/);
    assert.equal(editor.permissions.items.length, 1);
    assert.equal(readFileSync(started, 'utf8'), 'x');
  });

  it('is found again by a program that was started anew, and goes on with /continue', async () => {
    lab.begin([edits, 'It is 43 now.']);
    editor.answer = () => new Promise(() => {});
    const prompt = editor.prompt(sessionId, 'Make it 43.').catch(() => {});
    await until('the question', () => editor.permissions.items.length === 1);
    editor.child.kill('SIGKILL');
    kill();
    void prompt;
    editor = await AcpEditor.open(lab.home);
    await editor.load(sessionId, lab.folder);
    const waits = /The last task waits for you: Change answer\.ts\? .*`\/continue`\.$/;
    assert.match(text(), waits);
    const told = text().length;
    assert.equal((await editor.prompt(sessionId, 'Something else.')).stopReason, 'end_turn');
    assert.match(text().slice(told), waits);
    assert.match(editor.text(sessionId, 'agent_thought_chunk'), /Your message wasn't sent/);
    assert.equal((await editor.prompt(sessionId, '/continue')).stopReason, 'end_turn');
    assert.equal(editor.permissions.items.length, 1);
    assert.match(text(), /It is 43 now\.$/);
    assert.equal(readFileSync(lab.path, 'utf8'), 'export const answer = 43;\n');
  });

  it('is left as it is where the daemon stops again and again', async () => {
    lab.begin([{ text: 'It', hold: { after: 1, until: never } }]);
    let refusal: Error | undefined;
    editor.prompt(sessionId, 'Go.').catch((error: Error) => {
      refusal = error;
    });
    // A daemon that is killed before it has said anything is no loss to the client, which asks the next one: this goes on until it gives up.
    for (let asked = 0; !refusal; asked = lab.asked.length) {
      await until('another request, or the refusal', () => refusal || lab.asked.length > asked);
      if (!refusal) kill();
    }
    assert.match(refusal.message, /^The Switchyard daemon stopped during the run\. .*\/continue/);
    assert.ok(lab.asked.length >= 4, 'it was tried again');
    lab.begin(['Back again.']);
    assert.equal((await editor.prompt(sessionId, 'And now?')).stopReason, 'end_turn');
    assert.match(text(), /Back again\.$/);
  });
});
