// What a run changed, reviewed and undone by the page itself: in a browser. In an editor both are the editor's.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AgentChangedFile } from '../../../shared/protocol/agent.ts';
import type { HostAction } from '../../../shared/webview.ts';
import { inputText } from '../../../webview/chat/run/call-input.ts';
import { hunkDiffs } from '../../../webview/chat/run/hunk-diff.ts';
import type { Effect, ViewMessage } from '../../../webview/chat/state/messages.ts';
import { shownFiles } from '../../../webview/chat/state/runs/changes.ts';
import { initialState, type State, savedOf } from '../../../webview/chat/state/state.ts';
import { update } from '../../../webview/chat/state/update.ts';

function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}
const hosted = (host: 'vscode' | 'browser'): State =>
  given(initialState, { type: 'hello', host, actions: ['review-run', 'undo-run'] })[0];
const browser = hosted('browser');
const act = (action: HostAction): ViewMessage => ({ type: 'action', action });
const undo = (scope: object = {}): ViewMessage => act({ kind: 'undo-run', jobId: 'j1', ...scope });
const agree: ViewMessage = { type: 'undo-answered', jobId: 'j1', isAgreed: true };
const place = (line: number, end = line) => ({
  start: { line, character: 0 },
  end: { line: end, character: 0 },
});
const file: AgentChangedFile = {
  uri: 'file:///w/a.ts',
  path: 'a.ts',
  version: null,
  isNew: false,
  isDeleted: false,
  isKept: false,
  hunks: [
    { id: 'h1', by: 'agent', range: place(0, 1), oldText: 'a\n', newText: 'b\nc\n', isKept: false },
    { id: 'h2', by: 'agent', range: place(4), oldText: '', newText: 'd\n', isKept: false },
  ],
};
const loaded: ViewMessage = { type: 'changes-loaded', jobId: 'j1', files: [file], notes: ["One isn't text."] };
const undone = { restored: ['a.ts'], conflicts: [{ path: 'b.ts', why: 'It changed.' }], step: 9 };

describe('what a run changed, in a browser', () => {
  for (const [what, scope] of [
    ['all of it', {}],
    ['from a step on', { step: 3 }],
    ['one file', { uri: 'file:///w/a.ts' }],
  ] as const)
    it(`is undone once the user has agreed: ${what}`, () => {
      const [asked, none] = given(browser, undo(scope));
      assert.deepEqual([asked.changes['j1']?.asked, none], [scope, []]);
      const [busy, effects] = given(asked, agree);
      assert.deepEqual(effects, [{ kind: 'undo-changes', jobId: 'j1', scope }]);
      assert.deepEqual(given(busy, agree)[1], [], 'once');
      const [over] = given(busy, { type: 'changes-undone', jobId: 'j1', undone });
      assert.deepEqual([over.changes['j1']?.undone, over.changes['j1']?.isBusy], [undone, false]);
    });

  it('is not undone where the user does not agree, or was not asked', () => {
    const [left, effects] = given(browser, undo(), { type: 'undo-answered', jobId: 'j1', isAgreed: false });
    assert.deepEqual([left.changes['j1']?.asked, effects], [undefined, []]);
    assert.deepEqual(given(left, agree)[1], []);
    assert.deepEqual(given(browser, agree)[1], []);
  });

  it('is redone by the step of the undo, where there is one', () => {
    const redo: ViewMessage = { type: 'undo-taken-back', jobId: 'j1' };
    const [over] = given(browser, undo(), agree, { type: 'changes-undone', jobId: 'j1', undone });
    assert.deepEqual(given(over, redo)[1], [{ kind: 'undo-changes', jobId: 'j1', scope: { step: 9 } }]);
    const nothing = { restored: [], conflicts: [] };
    assert.deepEqual(
      given(browser, undo(), agree, { type: 'changes-undone', jobId: 'j1', undone: nothing }, redo)[1],
      [],
    );
  });

  it('is reviewed file by file, and looked at again once something was undone', () => {
    const [, effects] = given(browser, act({ kind: 'review-run', jobId: 'j1' }));
    assert.deepEqual(effects, [{ kind: 'load-changes', jobId: 'j1' }]);
    const [shown, kept] = given(browser, loaded, { type: 'change-kept', jobId: 'j1', uri: file.uri });
    assert.equal(shown.changes['j1']?.files?.[0]?.isKept, true);
    assert.deepEqual(kept, [{ kind: 'keep-changes', jobId: 'j1', uri: file.uri, hunks: ['h1', 'h2'] }], 'as shown');
    const [, again] = given(shown, undo({ uri: 'file:///w/a.ts' }), agree, {
      type: 'changes-undone',
      jobId: 'j1',
      undone,
    });
    assert.deepEqual(again, [{ kind: 'load-changes', jobId: 'j1' }]);
    const [closed, none] = given(shown, { type: 'changes-closed', jobId: 'j1' });
    assert.deepEqual([closed.changes['j1']?.files, none], [undefined, []]);
  });

  it('is undone change by change without a question, one at a time, and looked at again', () => {
    const change = { type: 'hunk-undone', jobId: 'j1', uri: file.uri, id: 'h1' } as const;
    const [busy, effects] = given(browser, loaded, change);
    const scope = { uri: file.uri, hunks: ['h1'] };
    assert.deepEqual(effects, [{ kind: 'undo-changes', jobId: 'j1', scope }]);
    assert.deepEqual(given(busy, { ...change, id: 'h2' })[1], []);
    const [over, again] = given(busy, { type: 'changes-undone', jobId: 'j1', undone });
    assert.deepEqual(over.changes['j1']?.undoing, scope);
    assert.deepEqual(again, [{ kind: 'load-changes', jobId: 'j1' }]);
    const [, redone] = given(over, loaded, { type: 'undo-taken-back', jobId: 'j1' });
    assert.deepEqual(redone, [{ kind: 'undo-changes', jobId: 'j1', scope: { step: 9 } }]);
  });

  it('is kept change by change, in the one file, until none is left there', () => {
    const twin = { ...file, path: 'b.ts', uri: 'file:///w/b.ts' };
    const both: ViewMessage = { type: 'changes-loaded', jobId: 'j1', files: [file, twin], notes: [] };
    const keep = (id: string): ViewMessage => ({ type: 'hunk-kept', jobId: 'j1', uri: file.uri, id });
    const leftIn = ({ changes: { j1 } }: State): string[] => (j1 ? shownFiles(j1).map(({ path }) => path) : []);
    const [one, effects] = given(browser, both, keep('h1'));
    assert.deepEqual(effects, [{ kind: 'keep-changes', jobId: 'j1', uri: file.uri, hunks: ['h1'] }]);
    assert.deepEqual(leftIn(one), ['a.ts', 'b.ts']);
    const [all] = given(one, keep('h2'));
    assert.deepEqual(leftIn(all), ['b.ts']);
    const [again] = given(all, { type: 'kept-wanted', jobId: 'j1' });
    assert.deepEqual(leftIn(again), ['a.ts', 'b.ts'], 'what is kept can be looked at again');
    assert.deepEqual(leftIn(given(again, act({ kind: 'review-run', jobId: 'j1' }))[0]), ['b.ts'], 'a new review');
  });

  it('is what the daemon knows where keeping it failed', () => {
    const why = 'a.ts: This change is no longer as you saw it.';
    const kept: ViewMessage = { type: 'hunk-kept', jobId: 'j1', uri: file.uri, id: 'h1' };
    const [shown, effects] = given(browser, loaded, kept, { type: 'keep-failed', jobId: 'j1', why });
    assert.deepEqual(effects, [{ kind: 'load-changes', jobId: 'j1' }]);
    const [over] = given(shown, loaded);
    assert.deepEqual([over.changes['j1']?.problem, over.changes['j1']?.files], [why, [file]]);
  });

  it('is looked at again once another client has kept or undone some of it, where it is reviewed', () => {
    const decided: ViewMessage = { type: 'changes-decided' };
    const [shown, effects] = given(browser, loaded, decided);
    assert.deepEqual(effects, [{ kind: 'load-changes', jobId: 'j1' }]);
    assert.equal(shown.changes['j1']?.isBusy, false, 'nothing is held up');
    assert.deepEqual(given(browser, loaded, { type: 'changes-closed', jobId: 'j1' }, decided)[1], []);
    const busy = given(browser, loaded, { type: 'hunk-undone', jobId: 'j1', uri: file.uri, id: 'h1' })[0];
    assert.deepEqual(given(busy, decided)[1], [], 'it is looked at again anyway');
  });

  it('is not what others alone have written since', () => {
    const of = (by: 'others' | 'both') => ({ ...file, hunks: file.hunks.map((hunk) => ({ ...hunk, by })) });
    for (const [by, count] of [
      ['others', 0],
      ['both', 1],
    ] as const) {
      const [{ changes }] = given(
        browser,
        { ...loaded, files: [{ ...of(by), isKept: by === 'others' }] } as ViewMessage,
        {
          type: 'kept-wanted',
          jobId: 'j1',
        },
      );
      assert.equal(changes['j1'] && shownFiles(changes['j1']).length, count, by);
    }
  });

  it('says why it could not be shown or undone', () => {
    const failure = { code: 'job-running', message: "That run isn't over yet.", retryable: false };
    const [failed] = given(browser, undo(), agree, { type: 'changes-failed', jobId: 'j1', failure });
    assert.deepEqual(
      [failed.changes['j1']?.problem, failed.changes['j1']?.isBusy],
      ["That run isn't over yet.", false],
    );
  });

  it("is the editor's work where there is one", () => {
    for (const kind of ['review-run', 'undo-run'] as const) {
      const action: HostAction = { kind, jobId: 'j1' };
      const [state, effects] = given(hosted('vscode'), act(action));
      assert.deepEqual([state.changes, effects], [{}, [{ kind: 'action', action }]]);
    }
  });

  it('is a diff for each of its hunks', () => {
    assert.deepEqual(hunkDiffs(file.hunks), ['@@ -1,1 +1,2 @@\n-a\n+b\n+c', '@@ -5,0 +6,1 @@\n+d']);
  });
});

describe('what a call was given', () => {
  for (const [json, text] of [
    ['{"path":"a.ts","from":3}', 'path: a.ts\nfrom: 3'],
    ['{"argv":["npm","test"]}', 'argv: ["npm","test"]'],
    ['{"new":"a\\nb"}', 'new:\na\nb'],
    ['{}', ''],
    ['{"path":"a', '{"path":"a'],
    ['[1]', '[1]'],
  ] as const)
    it(`is read as ${JSON.stringify(text)}`, () => assert.equal(inputText(json), text));
});

describe('a picture as an answer, in the view', () => {
  const piece = (data: string, isLast: boolean, messageId = 'm1'): ViewMessage => ({
    type: 'answer-part',
    key: 'k',
    part: { kind: 'picture', messageId, mediaType: 'image/png', data, isLast },
  });

  it('is whole with its last piece, and saved with no state of the view', () => {
    const [half] = given(browser, piece('AAAA', false));
    assert.equal(half.made['m1']?.isWhole, false);
    const [whole] = given(half, piece('BBBB', true));
    assert.deepEqual(whole.made['m1'], { mediaType: 'image/png', data: 'AAAABBBB', isWhole: true });
    assert.ok(!JSON.stringify(savedOf(whole)).includes('AAAA'));
  });

  it('is forgotten once many newer ones were made', () => {
    const [state] = given(browser, ...Array.from({ length: 30 }, (_, at) => piece('AAAA', true, `m${at}`)));
    assert.ok(Object.keys(state.made).length <= 10 && 'm29' in state.made);
  });
});
