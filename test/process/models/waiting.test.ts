// Answers that wait for a model on this machine, with one place for all of them: who waits sees for what, goes first, or stops the other,
// in its own profile alone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ChatSend } from '../../../shared/protocol/chat.ts';
import { ModelsPrefer, ModelsStop, ModelsWaiting } from '../../../shared/protocol/models.ts';
import { ProfileCreate } from '../../../shared/protocol/profiles.ts';
import { writeRandomModel } from '../../fakes/gguf.ts';
import { Home } from '../home.ts';
import { type Asked, failureOf, openEditor } from '../lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;
type Asking = Asked<typeof ChatSend>;

describe('an answer that waits for a local model', () => {
  let home: Home;
  let editor: Editor;
  let window: Editor;
  let stranger: Editor;

  before(async () => {
    home = new Home({ localSettings: { '*': { slots: 1 } } });
    writeRandomModel(home.file('data', 'models', 'endless.gguf'), { contextTokens: 32_768 });
    editor = await openEditor(home);
    window = await openEditor(home, { name: 'another window' });
    const { profile } = await editor.call(ProfileCreate, { name: 'Apart' });
    stranger = await openEditor(home, { name: 'another profile', switchyard: { profile: profile.id } });
  });
  after(() => home[Symbol.asyncDispose]());

  const text = (asking: Asking) => asking.parts.find('its first text', ({ kind }) => kind === 'text');

  /** Its id and whose end it waits for, once it waits. */
  async function waits(asking: Asking) {
    const note = await asking.parts.find('its wait', (part) => part.kind === 'note' && part.waiting !== undefined);
    assert.ok(note.kind === 'note' && note.waiting);
    return note.waiting;
  }

  it('names the answer before it, and can stop that one', async () => {
    const first = editor.ask(ChatSend, { text: 'first' });
    await text(first);
    const second = window.ask(ChatSend, { text: 'second' });
    const { id, behind } = await waits(second);
    const { waiting, running } = await window.call(ModelsWaiting, {});
    assert.deepEqual(
      waiting.map((answer) => [answer.id, answer.model, answer.what, answer.ahead]),
      [[id, 'local/endless', 'Chat "second"', 1]],
    );
    assert.deepEqual([running.map((answer) => answer.id), running[0]?.what], [behind, 'Chat "first"']);
    await window.call(ModelsStop, { id: behind[0] ?? '' });
    assert.equal((await failureOf(first.result)).code, -32_800);
    await text(second);
    assert.deepEqual((await window.call(ModelsWaiting, {})).waiting, []);
    await stopAll([second]);
  });

  it('is told again for what it waits as the queue moves', async () => {
    const first = editor.ask(ChatSend, { text: 'first' });
    await text(first);
    const second = editor.ask(ChatSend, { text: 'second' });
    const { id } = await waits(second);
    const third = window.ask(ChatSend, { text: 'third' });
    await waits(third);
    first.cancel();
    await text(second);
    const note = await third.parts.find(
      'its new wait',
      (part) => part.kind === 'note' && part.waiting?.behind.join() === id,
    );
    assert.match(note.kind === 'note' ? note.text : '', /busy with another answer/);
    await stopAll([first, second, third]);
  });

  it('goes before the others once it is preferred', async () => {
    const first = editor.ask(ChatSend, { text: 'first' });
    await text(first);
    const second = editor.ask(ChatSend, { text: 'second' });
    await waits(second);
    const third = editor.ask(ChatSend, { text: 'third' });
    await window.call(ModelsPrefer, { id: (await waits(third)).id });
    first.cancel();
    await text(third);
    assert.equal(second.parts.items.filter(({ kind }) => kind === 'text').length, 0);
    await stopAll([first, second, third]);
  });

  it('is not seen, preferred or stopped from another profile, nor sees its answers', async () => {
    const first = editor.ask(ChatSend, { text: 'first' });
    await text(first);
    const theirs = stranger.ask(ChatSend, { text: 'theirs' });
    const wait = await waits(theirs);
    assert.deepEqual(wait.behind, []);
    const { waiting, running } = await stranger.call(ModelsWaiting, {});
    assert.deepEqual([waiting.map(({ id }) => id), running], [[wait.id], []]);
    const ours = await editor.call(ModelsWaiting, {});
    assert.deepEqual(ours.waiting, []);
    for (const id of [ours.running[0]?.id ?? '', 'none'])
      for (const message of [ModelsPrefer, ModelsStop])
        assert.equal((await failureOf(stranger.call(message, { id }))).data?.code, 'no-such-answer');
    await stopAll([first, theirs]);
  });

  async function stopAll(asked: Asking[]): Promise<void> {
    for (const { cancel, result } of asked) {
      cancel();
      assert.equal((await failureOf(result)).code, -32_800);
    }
  }
});
