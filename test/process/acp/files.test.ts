// What an editor of the Agent Client Protocol shows the agent: unsaved buffers, linked files, and pictures.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type ContentBlock, methods } from '@agentclientprotocol/sdk';
import { after, afterEach, before, describe, it } from 'mocha';
import { png } from '../../fakes/pictures/png.ts';
import { calling } from '../agent/scripted-lab.ts';
import { AcpEditor } from './editor.ts';
import { AcpLab, edits } from './lab.ts';

const reader = { fs: { readTextFile: true } };
const pixels = png({ width: 20, height: 20, colorType: 2, depth: 8, pixel: (x, y) => [x * 9, y * 9, 40] });
const picture: ContentBlock = { type: 'image', data: pixels.toString('base64'), mimeType: 'image/png' };

describe('files of an editor of the Agent Client Protocol', () => {
  let lab: AcpLab;
  let editor: AcpEditor;

  before(async () => {
    lab = await AcpLab.open();
  });
  after(() => lab[Symbol.asyncDispose]());
  afterEach(() => editor.leave());

  it('are read as their buffers are', async () => {
    lab.begin([calling('read', { path: 'answer.ts' }), 'I see.']);
    editor = await AcpEditor.open(lab.home, reader);
    editor.buffers.set(lab.path, 'export const answer = "unsaved";\n');
    const { sessionId } = await editor.session(lab.folder);
    await editor.prompt(sessionId, 'Look.');
    assert.match(lab.told, /export const answer = \\\\?"unsaved/);
    assert.deepEqual(editor.read, [lab.path]);
  });

  it("aren't changed on the disk while their buffers hold something else, and are once they're saved", async () => {
    lab.begin([edits, edits, 'Done.']);
    editor = await AcpEditor.open(lab.home, reader);
    editor.buffers.set(lab.path, 'export const answer = 42; // unsaved\n');
    const { sessionId } = await editor.session(lab.folder);
    await editor.prompt(sessionId, 'Make it 43.');
    assert.equal(editor.permissions.items.length, 0);
    assert.match(lab.told, /answer\.ts has unsaved changes in the editor/);
    assert.equal(readFileSync(lab.path, 'utf8'), 'export const answer = 42;\n');
    lab.begin([edits, 'Done.']);
    editor.buffers.set(lab.path, 'export const answer = 42;\r\n'); // with its own line ends
    await editor.prompt(sessionId, 'Now?');
    assert.equal(readFileSync(lab.path, 'utf8'), 'export const answer = 43;\n');
  });

  it("aren't asked for where they're kept from models, or where nobody trusts the folder", async () => {
    editor = await AcpEditor.open(lab.home, reader);
    const secret = lab.home.project('work', '.env');
    writeFileSync(secret, 'KEY=1\n');
    editor.buffers.set(secret, 'KEY=unsaved\n');
    lab.begin([calling('read', { path: '.env' }), 'Well.']);
    const { sessionId } = await editor.session(lab.folder);
    await editor.prompt(sessionId, 'Look.');
    assert.doesNotMatch(lab.told, /KEY=/);
    await lab.home.switchyard(['trust', lab.folder, '--remove']);
    lab.begin([calling('read', { path: 'answer.ts' }), 'Well.']);
    editor.answer = () => ({ outcome: { outcome: 'cancelled' } });
    await editor.prompt((await editor.session(lab.folder)).sessionId, 'Look.');
    await lab.home.switchyard(['trust', lab.folder]);
    assert.deepEqual(editor.read, []);
  });

  it('go along as they are linked, where the mode has no tools to read them', async () => {
    lab.begin(['I see.']);
    editor = await AcpEditor.open(lab.home, reader);
    editor.buffers.set(lab.path, 'export const answer = 44;\n');
    const { sessionId } = await editor.session(lab.folder);
    await editor.agent.request(methods.agent.session.setMode, { sessionId, modeId: 'chatbot' });
    const link: ContentBlock = { type: 'resource_link', name: 'answer.ts', uri: pathToFileURL(lab.path).href };
    await editor.prompt(sessionId, 'See ', link);
    assert.match(lab.told, /Attached file: [^"]*answer\.ts[^"]*export const answer = 44;/);
  });

  for (const modeId of ['act', 'chatbot'])
    it(`go along as pictures in the mode ${modeId}, and are refused by name where the model sees none`, async () => {
      lab.begin(['A dot.']);
      editor = await AcpEditor.open(lab.home);
      const { sessionId } = await editor.session(lab.folder);
      const choose = (configId: string, value: string) =>
        editor.agent.request(methods.agent.session.setConfigOption, { sessionId, configId, value });
      await choose('mode', modeId);
      await choose('model', 'lab/seeing');
      assert.equal((await editor.prompt(sessionId, 'What is it?', picture)).stopReason, 'end_turn');
      assert.match(lab.told, /data:image\/[a-z]+;base64,/);
      await choose('model', 'lab/blind');
      const failure = await editor.prompt(sessionId, 'What is it?', picture).catch((error: Error) => error);
      assert.ok(failure instanceof Error);
      assert.match(failure.message, /blind.*(see|picture|image)/i);
      assert.equal(lab.asked.length, 1);
    });
});
