// Ghost text over real LSP, from a tiny model of this machine: what is suggested where, what is answered without the model, and what is stored.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { after, afterEach, before, describe, it } from 'mocha';
import {
  CompletionOutcome,
  InlineCompletion,
  inlineTrigger,
  ListCompletion,
} from '../../../shared/protocol/completion.ts';
import { DaemonStatus } from '../../../shared/protocol/daemon.ts';
import { ExecuteCommand } from '../../../shared/protocol/lsp.ts';
import { writeScriptedModel } from '../../fakes/gguf.ts';
import { Home, until } from '../home.ts';
import { openEditor, startEditor } from '../lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;

describe('ghost text', () => {
  let home: Home;
  let editor: Editor;
  let documents = 0;

  before(async () => {
    home = new Home();
    writeScriptedModel(home.file('data', 'models', 'coder.gguf'), 'a + b);\nreturn 1;', {
      fimAfter: '(=x',
      when: [
        { promptHas: 'def twice', script: '\n    first()\n    second()\n\nprint(1)' },
        { promptHas: 'def ', script: '\n    return first + second\n\nprint(1)' },
        { promptHas: 'repeat', script: 'last();' },
      ],
    });
    editor = await openEditor(home, {
      folder: pathToFileURL(home.project('work')).href,
      switchyard: { workspaceTrusted: true, completion: { languages: { markdown: false } } },
    });
  });
  /** Of what is open, other prompts have pieces. */
  const opened: string[] = [];
  afterEach(() => {
    for (const uri of opened.splice(0)) editor.notify('textDocument/didClose', { textDocument: { uri } });
  });
  after(() => home[Symbol.asyncDispose]());

  /** Opens a document with the cursor at `|`. */
  function open(text: string, languageId = 'javascript', name = `at${documents++}.js`) {
    const offset = text.indexOf('|');
    const written = text.replace('|', '');
    const uri = pathToFileURL(home.project('work', name)).href;
    writeFileSync(home.project('work', name), written);
    editor.open(uri, written, languageId);
    opened.push(uri);
    const lines = written.slice(0, offset).split('\n');
    return { uri, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
  }
  type Place = ReturnType<typeof open>;

  const ask = ({ uri, position }: Place, triggerKind: number = inlineTrigger.automatic) =>
    editor.call(InlineCompletion, { textDocument: { uri }, position, context: { triggerKind } });
  async function suggested(place: Place, triggerKind?: number) {
    return (await ask(place, triggerKind)).items.map(({ insertText }) => insertText);
  }
  function turnOffIn(uri: string): void {
    const switchyard = { completion: { languages: { markdown: false }, files: { [uri]: false } } };
    editor.notify('workspace/didChangeConfiguration', { settings: { switchyard } });
  }
  /** Types at a place, and returns where the cursor is then. */
  function type({ uri, position }: Place, version: number, text: string): Place {
    editor.change(uri, version, { range: { start: position, end: position }, text });
    return { uri, position: { ...position, character: position.character + text.length } };
  }

  const rows: [what: string, text: string, suggestion: string[], languageId?: string, name?: string][] = [
    ['is the rest of a line', 'call(|', ['a + b);']],
    ['repeats no closer that follows', 'call(|)', ['a + b']],
    ['repeats no line that follows', 'repeat(|\nrepeat(last();\n', []],
    [
      'has several lines where a body is empty',
      'def add(first, second):|\n',
      ['\n    return first + second'],
      'python',
      'a.py',
    ],
    ['stands before no code on the same line', 'call(|value)', []],
    ['is turned off for a language', 'call(|', [], 'markdown', 'a.md'],
    ['is none in a file that no model may see', 'call(|', [], 'javascript', '.env'],
  ];
  for (const [what, text, suggestion, languageId, name] of rows)
    it(what, async () => assert.deepEqual(await suggested(open(text, languageId, name)), suggestion));

  it('says why there is none to who asks for it', async () => {
    const said = async (place: Place) => (await ask(place, inlineTrigger.invoked)).note ?? '';
    assert.match(await said(open('call(|', 'markdown', 'b.md')), /turned off for markdown/);
    assert.match(await said(open('call(|', 'javascript', 'secret.pem')), /keeps it from models/);
  });

  it('is not there after a deletion, unless it is asked for', async () => {
    const place = open('call((|');
    const { line, character } = place.position;
    editor.change(place.uri, 2, {
      range: { start: { line, character: character - 1 }, end: place.position },
      text: '',
    });
    const shorter = { ...place, position: { line, character: character - 1 } };
    assert.deepEqual(await suggested(shorter), []);
    assert.deepEqual(await suggested(shorter, inlineTrigger.invoked), ['a + b);']);
  });

  it('is answered without the model while it is typed', async () => {
    const place = open('let x =|');
    const whole = await ask(place);
    assert.equal(whole.items[0]?.data?.from, 'model');
    assert.ok(whole.read && whole.read.tokens > 0);
    const typed = await ask(type(place, 2, 'a '));
    assert.deepEqual(
      typed.items.map(({ insertText, data }) => [insertText, data?.from, data?.id]),
      [['+ b);', 'typed', whole.items[0]?.data?.id]],
    );
    assert.equal(typed.read, undefined);
  });

  it('begins with what the editor’s own list has selected', async () => {
    const { uri, position } = open('cal|');
    const range = { start: { line: 0, character: 0 }, end: position };
    const { items } = await editor.call(InlineCompletion, {
      textDocument: { uri },
      position,
      context: { triggerKind: inlineTrigger.automatic, selectedCompletionInfo: { range, text: 'caller(' } },
    });
    assert.deepEqual(
      items.map((item) => [item.insertText, item.range]),
      [['caller(a + b);', range]],
    );
  });

  const listRows: [what: string, text: string, row: [label: string, documentation?: string], languageId?: string][] = [
    ['its text', 'call(|', ['a + b);']],
    ['the word at the cursor before its text', 'call(max|', ['maxa + b);']],
    ['a word of other letters', 'call(größex|', ['größexa + b);']],
    [
      'its first line, and all of it beside',
      'def add(first, second):|\n',
      ['return first + second', '\n    return first + second'],
      'python',
    ],
    ['no end of a line of Windows', 'def twice():|\r\n', ['first() …', '\r\n    first()\r\n    second()'], 'python'],
  ];
  for (const [what, text, [label, documentation], languageId] of listRows)
    it(`in an editor’s list shows ${what}`, async () => {
      const { uri, position } = open(text, languageId);
      const { items, isIncomplete } = await editor.call(ListCompletion, { textDocument: { uri }, position });
      const [item] = items;
      assert.ok(item && isIncomplete);
      assert.deepEqual([item.label, item.documentation, item.detail], [label, documentation, 'local/coder']);
      const { newText, range } = item.textEdit;
      assert.deepEqual(range.end, position);
      assert.equal(item.filterText, newText);
      const word = text.slice(0, text.indexOf('|')).slice(range.start.character);
      assert.ok(newText.startsWith(word) && !/\W/.test(word.replace(/ö|ß/g, 'o')), word);
      assert.deepEqual(await editor.call(ExecuteCommand, item.command ?? { command: '' }), {});
    });

  it('is offered as an ordinary completion only where the editor asks for that', async () => {
    const offered = async (inList?: boolean) => {
      const client = startEditor(home);
      const { capabilities } = await client.initialize({ switchyard: { completion: { inList } } });
      await client.leave();
      return 'completionProvider' in capabilities;
    };
    assert.deepEqual([await offered(), await offered(false), await offered(true)], [false, false, true]);
  });

  it('is accepted by a command in editors without methods of their own, or by a message', async () => {
    const { items } = await ask(open('accept(|'));
    const command = items[0]?.command;
    assert.ok(command);
    assert.deepEqual(await editor.call(ExecuteCommand, command), {});
    assert.deepEqual(await editor.call(CompletionOutcome, { id: items[0]?.data?.id ?? '', keptAfterMs: 30_000 }), {});
  });

  it('is counted as accepted where an editor puts it in and tells nobody', async () => {
    const place = open('taken(|');
    const [id] = (await ask(place)).items.map(({ data }) => data?.id ?? '');
    type(place, 2, 'a + b);');
    await editor.call(DaemonStatus, {}); // after the change
    const database = new DatabaseSync(home.file('data', 'switchyard.db'), { readOnly: true });
    const accepted = () => database.prepare('select accepted from completion where id = ?').get(id ?? '')?.['accepted'];
    await until('the outcome', () => accepted() === 1);
    database.close();
  });

  it('rests while it is snoozed by a command, in both ways, but for who asks for it', async () => {
    const command = async (name: string, given: object) => {
      await editor.call(ExecuteCommand, { command: `switchyard.${name}`, arguments: [given] });
    };
    const says = (pattern: RegExp) =>
      editor.notified<{ message: string }>('window/showMessage', ({ message }) => pattern.test(message));
    const place = open('snooze(|');
    const listed = async () =>
      (await editor.call(ListCompletion, { textDocument: { uri: place.uri }, position: place.position })).items.length;
    await command('snooze', { minutes: 5 });
    await says(/snoozed for 5 minutes\.$/);
    assert.deepEqual([await suggested(place), await listed()], [[], 0]);
    assert.equal((await suggested(place, inlineTrigger.invoked)).length, 1);
    await command('completionStatus', { uri: place.uri });
    await says(/Completion is on, with local\/coder\. It's snoozed for 5 minutes\.$/);
    await command('snooze', { minutes: 0 });
    await says(/Completion is on again\.$/);
    assert.deepEqual([(await suggested(place)).length, await listed()], [1, 1]);
  });

  it('says by a command why there is none in a document', async () => {
    const { uri } = open('call(|', 'plaintext', 'why.txt');
    await editor.call(ExecuteCommand, { command: 'switchyard.completionStatus', arguments: [{ uri }] });
    await editor.notified<{ message: string }>('window/showMessage', ({ message }) =>
      /off for plaintext by default/.test(message),
    );
  });

  it('is on where a model for it is here, and status names it', async () => {
    const { completion } = await editor.call(DaemonStatus, {});
    assert.deepEqual(completion, { state: 'on', model: 'local/coder' });
  });

  const states: [what: string, languageId: string, name: string, code: string | undefined, why: RegExp | undefined][] =
    [
      ['is on in code', 'javascript', 'state.js', undefined, undefined],
      ['is turned off for a language', 'markdown', 'state.md', undefined, /turned off for markdown/],
      ['is off in prose by default', 'plaintext', 'state.txt', undefined, /off for plaintext by default/],
      ['is off in a file that no model may see', 'javascript', '.env', 'ignored-file', /keeps it from models/],
      ['is off in a file of its own switch', 'javascript', 'switched.js', undefined, /turned off for this file/],
    ];
  for (const [what, languageId, name, code, why] of states)
    it(`${what}, says the status of a document`, async () => {
      const { uri } = open('call(|', languageId, name);
      if (name === 'switched.js') turnOffIn(uri);
      const { completion } = await editor.call(DaemonStatus, { textDocument: { uri } });
      assert.deepEqual([completion?.state, completion?.code], [why ? 'off' : 'on', code]);
      assert.match(completion?.why ?? '', why ?? /^$/);
    });
});

describe('ghost text without a model', () => {
  it('is off, and status says what to do', async () => {
    await using home = new Home();
    const editor = await openEditor(home);
    const { completion } = await editor.call(DaemonStatus, {});
    assert.equal(completion?.state, 'off');
    assert.match(completion?.why ?? '', /No model for code completion is set up yet\. Download one/);
  });
});
