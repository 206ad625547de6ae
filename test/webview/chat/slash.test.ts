// Commands at the start of a question: what is offered, what is asked of a model, and what is the host's work.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { HostActionKind } from '../../../shared/webview.ts';
import type { Effect, ViewMessage } from '../../../webview/chat/state/messages.ts';
import { slashChoices } from '../../../webview/chat/state/slash-commands.ts';
import { initialState, type State } from '../../../webview/chat/state/state.ts';
import { update } from '../../../webview/chat/state/update.ts';

function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}
const opened = (...actions: HostActionKind[]): State =>
  given(initialState, { type: 'hello', host: 'vscode', actions })[0];
const editor = opened('attach', 'run', 'open-history');
const typed = (text: string): ViewMessage => ({ type: 'draft-typed', text });
const submit: ViewMessage = { type: 'submit', at: 1000 };
const code: ViewMessage = {
  type: 'attach',
  attachment: { kind: 'selection', uri: 'file:///a.ts', text: 'const a = 1' },
};
const asked = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [effect.turn.text] : []));

describe('a command at the start of a question', () => {
  it('is offered while its name is typed, and not behind other words', () => {
    const names = (draft: string, canReview = true) =>
      slashChoices(draft, { canReview, prompts: [] }).map(({ name }) => name);
    assert.deepEqual(names('/'), ['explain', 'fix', 'tests', 'review', 'search']);
    assert.deepEqual(names('/', false), ['explain', 'fix', 'tests', 'search']);
    assert.deepEqual(names('/f'), ['fix']);
    for (const draft of ['', '/x', 'a /f', '/fix ', '//']) assert.deepEqual(names(draft), [], draft);
  });

  it('is offered beside the prompts that folders keep in files, each with what to write behind it', () => {
    const prompts = [
      {
        name: 'release',
        description: 'Write release notes',
        hint: '[version]',
        path: '.github/prompts/release.prompt.md',
      },
      { name: 'db:migrate', description: 'Plan a migration', path: '.claude/commands/db/migrate.md' },
      { name: 'fix', description: "Another one's fix", path: '.switchyard/prompts/fix.md' },
    ];
    const [state, effects] = given(editor, typed('/'));
    assert.deepEqual(effects, [{ kind: 'load-prompts' }]);
    assert.deepEqual(given(state, typed('/r'))[1], [], 'once, while it is typed');
    const [known] = given(state, { type: 'prompts-loaded', prompts });
    const offered = (draft: string) => slashChoices(draft, { canReview: true, prompts: known.prompts });
    assert.deepEqual(offered('/rel'), [{ name: 'release', detail: '[version] · Write release notes' }]);
    assert.deepEqual(offered('/db:m'), [{ name: 'db:migrate', detail: 'Plan a migration' }]);
    assert.equal(offered('/fix').length, 1, 'what has the name of ours is ours');
    const [, sent] = given(known, typed('/release 2.0'), submit);
    assert.deepEqual(asked(sent), ['/release 2.0'], 'the daemon reads the file');
  });

  it('asks about what is attached, with the words behind it', () => {
    const [state, effects] = given(editor, code, typed('/explain the loop'), submit);
    assert.deepEqual(asked(effects), ['Explain what this code does, and why. the loop']);
    assert.equal(state.draft.text, '');
    for (const draft of ['/fix @file:a.ts', '/tests ```ts\nx\n```'])
      assert.equal(asked(given(editor, typed(draft), submit)[1]).length, 1, draft);
  });

  it('has the host attach the selection or the file where nothing is, and goes out with it', () => {
    const [waiting, effects] = given(editor, typed('/tests'), submit);
    assert.deepEqual(effects, [{ kind: 'action', action: { kind: 'attach', what: 'code' } }]);
    const [, sent] = given(waiting, code);
    assert.deepEqual(asked(sent), ['Write tests for this code.']);
    assert.deepEqual(asked(given(waiting, typed('/tests more'), code)[1]), [], 'not once the user goes on typing');
  });

  it('is done by the host where no model has to answer', () => {
    const [, review] = given(editor, typed('/review'), submit);
    assert.deepEqual(review, [{ kind: 'action', action: { kind: 'run', what: 'review-file' } }]);
    const [state, search] = given(editor, typed('/search lock order'), submit);
    assert.deepEqual(search, [{ kind: 'action', action: { kind: 'open-history', query: 'lock order' } }]);
    assert.equal(state.draft.text, '');
  });

  it('says what to do instead where there is no editor, and keeps the draft', () => {
    for (const draft of ['/review', '/explain']) {
      const [state, effects] = given(opened(), typed(draft), submit);
      assert.deepEqual([effects.map(({ kind }) => kind), state.draft.text], [['focus-composer'], draft]);
      assert.match(state.problem ?? '', /VS Code|@file/);
    }
  });

  it('is plain text where no command is called so', () => {
    for (const draft of ['/usr/bin is full', '/etc', 'what does /fix do?'])
      assert.deepEqual(asked(given(editor, typed(draft), submit)[1]), [draft]);
  });
});
