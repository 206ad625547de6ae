// What the model asks in words, over the Agent Client Protocol: as a form, or as a text that the next prompt answers.
import assert from 'node:assert/strict';
import type { CreateElicitationResponse } from '@agentclientprotocol/sdk';
import { after, afterEach, before, describe, it } from 'mocha';
import { calling } from '../agent/scripted-lab.ts';
import { until } from '../home.ts';
import { AcpEditor } from './editor.ts';
import { AcpLab } from './lab.ts';

const forms = { elicitation: { form: {} } };
const open = calling('ask', { question: 'What shall it be called?' });
const choose = calling('ask', { question: 'Which one?', choices: ['Red', 'Blue'] });

describe('questions over the Agent Client Protocol', () => {
  let lab: AcpLab;
  let editor: AcpEditor;

  before(async () => {
    lab = await AcpLab.open();
  });
  after(() => lab[Symbol.asyncDispose]());
  afterEach(() => editor.leave());

  const answers: [name: string, asked: typeof open, response: CreateElicitationResponse, told: RegExp][] = [
    ['words', open, { action: 'accept', content: { answer: 'Ada' } }, /The user answers: Ada/],
    ['a choice', choose, { action: 'accept', content: { choice: '1' } }, /The user answers: Blue/],
    [
      'words of their own instead',
      choose,
      { action: 'accept', content: { answer: ' Green ' } },
      /The user answers: Green/,
    ],
    ['nothing', choose, { action: 'accept', content: {} }, /The user answers: Go on, as you think best/],
    ['no', open, { action: 'decline' }, /The user said no to this/],
    ['a closed form', open, { action: 'cancel' }, /The user said no to this/],
  ];
  for (const [name, asked, response, told] of answers)
    it(`takes ${name} from a form`, async () => {
      lab.begin([asked, 'Well.']);
      editor = await AcpEditor.open(lab.home, forms);
      editor.fill = () => response;
      const { sessionId } = await editor.session(lab.folder);
      assert.equal((await editor.prompt(sessionId, 'Paint it.')).stopReason, 'end_turn');
      assert.match(lab.told, told);
      assert.equal(editor.permissions.items.length, 0);
      const form = editor.forms.items[0] as { mode: string; message: string; toolCallId?: string };
      assert.deepEqual([form.mode, form.message.endsWith('?')], ['form', true]);
      assert.equal(form.toolCallId, editor.of(sessionId, 'tool_call')[0]?.toolCallId);
    });

  const words: [name: string, asked: typeof open, said: string, told: RegExp][] = [
    ['words', open, 'Ada', /The user answers: Ada/],
    ['a number of a choice', choose, '2.', /The user answers: Blue/],
    ['a number that is none', choose, '7', /The user answers: 7/],
    ['words beside the choices', choose, 'Green, please', /The user answers: Green, please/],
  ];
  for (const [name, asked, said, told] of words)
    it(`takes ${name} as the next prompt, where there are no forms`, async () => {
      lab.begin([asked, 'Well.']);
      editor = await AcpEditor.open(lab.home);
      const { sessionId } = await editor.session(lab.folder);
      assert.equal((await editor.prompt(sessionId, 'Paint it.')).stopReason, 'end_turn');
      const question = editor.text(sessionId, 'agent_message_chunk');
      assert.match(question, asked === open ? /What shall it be called\?$/ : /Which one\?\n\n1\. Red\n2\. Blue$/);
      assert.equal(lab.asked.length, 1);
      assert.equal((await editor.prompt(sessionId, said)).stopReason, 'end_turn');
      assert.match(lab.told, told);
      assert.equal(editor.text(sessionId, 'agent_message_chunk'), `${question}Well.`);
      assert.equal(editor.of(sessionId, 'tool_call').length, 1);
    });

  it('takes the answer after the daemon was killed, and in a session that was loaded again', async () => {
    lab.begin([open, open, 'Both are named.']);
    editor = await AcpEditor.open(lab.home);
    const { sessionId } = await editor.session(lab.folder);
    await editor.prompt(sessionId, 'Name them.');
    lab.home.killDaemon();
    await editor.prompt(sessionId, 'Ada');
    assert.match(lab.told, /The user answers: Ada/);
    await editor.leave();
    editor = await AcpEditor.open(lab.home);
    await editor.load(sessionId, lab.folder);
    assert.match(editor.text(sessionId, 'agent_message_chunk'), /What shall it be called\?$/);
    assert.equal((await editor.prompt(sessionId, 'Grace')).stopReason, 'end_turn');
    assert.match(lab.told, /The user answers: Grace/);
    assert.match(editor.text(sessionId, 'agent_message_chunk'), /Both are named\.$/);
  });

  it('takes the next prompt as a new task where the question was answered elsewhere', async () => {
    lab.begin([open, 'Named.', 'Here I am.']);
    editor = await AcpEditor.open(lab.home);
    const { sessionId } = await editor.session(lab.folder);
    await editor.prompt(sessionId, 'Name it.');
    const jobs = (...args: string[]) => lab.home.switchyard(['jobs', ...args], '', lab.folder);
    const { jobs: listed } = JSON.parse((await jobs('--json')).stdout) as { jobs: { id: string }[] };
    const { code, stderr } = await jobs('answer', listed[0]?.id ?? '', 'once', 'Ada');
    assert.equal(code, 0, stderr);
    await editor.prompt(sessionId, 'Still there?');
    assert.match(lab.told, /Still there\?/);
    assert.match(editor.text(sessionId, 'agent_message_chunk'), /Here I am\.$/);
    assert.match(editor.text(sessionId, 'agent_thought_chunk'), /answered in another window/);
  });

  it('takes a form back when the turn is stopped', async () => {
    lab.begin([open, 'Well.']);
    editor = await AcpEditor.open(lab.home, forms);
    editor.fill = () => new Promise(() => {});
    const { sessionId } = await editor.session(lab.folder);
    const prompt = editor.prompt(sessionId, 'Paint it.');
    await until('the form', () => editor.forms.items.length === 1);
    await editor.cancel(sessionId);
    assert.equal((await prompt).stopReason, 'cancelled');
  });
});
