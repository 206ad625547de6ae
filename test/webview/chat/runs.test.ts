// Runs of the agent in the view's update: parts become a run, decisions are the user's alone, messages wait for its end.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AgentApproval, AgentMode, AgentPart } from '../../../shared/protocol/agent.ts';
import type { Attachment, Message } from '../../../shared/protocol/chat.ts';
import type { WholeJob } from '../../../shared/protocol/jobs.ts';
import { textAfterSteps } from '../../../shared/steps-text.ts';
import type { Effect, Of, ViewMessage } from '../../../webview/chat/state/messages.ts';
import { isHeldBack } from '../../../webview/chat/state/runs/modes.ts';
import { initialState, type State, savedOf, shownEntries, waitingChats } from '../../../webview/chat/state/state.ts';
import { entriesOf } from '../../../webview/chat/state/transcript.ts';
import { update } from '../../../webview/chat/state/update.ts';

const act: AgentMode = {
  id: 'act',
  title: 'Act',
  description: 'Does a task.',
  tools: ['read', 'edit'],
  source: 'built-in',
};
const tutor: AgentMode = { id: 'tutor', title: 'Tutor', description: 'Teaches.', tools: [], source: 'built-in' };
const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 };
const approval: AgentApproval = {
  callId: '1.1',
  mark: 'm',
  kind: 'run',
  text: 'Run npm test?',
  run: { argv: ['npm', 'test'], folder: '/shop', scripts: [], network: 'off' },
  canAlways: true,
};

function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}
const typed = (text: string): ViewMessage => ({ type: 'draft-typed', text });
const submit: ViewMessage = { type: 'submit', at: 1000 };
const inMode = (mode: string | undefined): ViewMessage => ({ type: 'mode-picked', mode });
const connected = given(
  initialState,
  { type: 'hello', host: 'vscode', actions: [] },
  { type: 'modes-loaded', modes: [act, tutor] },
)[0];
const sentTurns = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [effect.turn] : []));

/** A chat `c1` whose task is being done as job `j1`, after these parts. */
function running(...parts: AgentPart[]): { state: State; key: string; effects: readonly Effect[] } {
  const [asked] = given(connected, inMode('act'), typed('Add a flag'), submit);
  const key = asked.answers[0]?.key ?? '';
  const part = (each: AgentPart): ViewMessage => ({ type: 'run-part', key, part: each });
  const started: AgentPart = { kind: 'started', jobId: 'j1', chatId: 'c1', mode: 'act' };
  const [state, effects] = given(asked, { type: 'chat-created', key, chatId: 'c1' }, ...[started, ...parts].map(part));
  return { state, key, effects };
}

const done = (key: string, over: Partial<Of<'run-done'>['done']> = {}): ViewMessage => ({
  type: 'run-done',
  key,
  at: 2000,
  done: {
    jobId: 'j1',
    chatId: 'c1',
    messageId: 'm2',
    outcome: 'done',
    text: 'It is there.',
    steps: 1,
    changes: [],
    usage,
    ...over,
  },
});
const asks: AgentPart = { kind: 'approval', approval };
const decideOnce: ViewMessage = { type: 'run-decided', jobId: 'j1', callId: '1.1', decision: 'once' };
const message = (over: Partial<Message>): Message => ({
  id: 'm2',
  chatId: 'c1',
  role: 'assistant',
  text: '',
  status: 'complete',
  createdAt: 1,
  ...over,
});
const job = (over: Partial<WholeJob> = {}): WholeJob => ({
  id: 'j1',
  kind: 'agent',
  title: 'Add a flag',
  state: 'waiting',
  canResume: false,
  progress: { finished: 1 },
  createdAt: 1,
  stages: [],
  parts: [{ kind: 'started', jobId: 'j1', chatId: 'c1', mode: 'act' }, asks],
  ...over,
});

describe('the view, in a mode', () => {
  it('sends a task where the mode has tools, else a question in that mode', () => {
    for (const [mode, turn] of [
      ['act', { mode: 'act', isTask: true }],
      ['tutor', { mode: 'tutor' }],
      [undefined, {}],
      ['gone', {}],
    ] as const) {
      const [, effects] = given(connected, inMode(mode), typed('Hi'), submit);
      const [{ mode: asked, isTask } = {}] = sentTurns(effects);
      assert.deepEqual({ ...(asked && { mode: asked }), ...(isTask && { isTask }) }, turn);
    }
  });

  it("says before a task that the folder isn't trusted, and nothing to a question", () => {
    const [distrusted] = given(connected, { type: 'trust', isTrusted: false });
    const isToldIn = (mode: string | undefined, ...more: ViewMessage[]): boolean =>
      isHeldBack(given(distrusted, inMode(mode), ...more)[0]);
    assert.deepEqual(
      [isToldIn('act'), isToldIn('tutor'), isToldIn(undefined), isToldIn('act', { type: 'trust', isTrusted: true })],
      [true, false, false, false],
    );
    assert.equal(isHeldBack(given(connected, inMode('act'))[0]), false);
  });

  it('remembers the mode for each chat, also when it comes back', () => {
    const { state } = running();
    const [other] = given(state, { type: 'new-chat' });
    assert.deepEqual([other.chosenModes, savedOf(other).modes], [{ c1: 'act' }, { c1: 'act' }]);
    const [, effects] = given(other, typed('Hi'), submit);
    assert.equal(sentTurns(effects)[0]?.mode, undefined, 'a new chat begins without');
    const [restored] = given(
      connected,
      { type: 'restored', saved: savedOf(other) },
      { type: 'open-chat', chatId: 'c1' },
    );
    assert.equal(restored.chosenModes['c1'], 'act');
  });

  it('gives attached places to a task as paths, and anything else along with it', () => {
    const range = { start: { line: 2, character: 0 }, end: { line: 8, character: 1 } };
    const place: Attachment = { kind: 'selection', uri: 'file:///shop/a%20b.ts', range, text: 'x' };
    const attach = (attachment: Attachment): ViewMessage => ({ type: 'attach', attachment });
    const [state, effects] = given(connected, inMode('act'), attach(place), typed('Fix it'), submit);
    const [turn] = sentTurns(effects);
    assert.deepEqual([turn?.text, turn?.attachments], ['Fix it\n\nLook at:\n- /shop/a b.ts, lines 3 to 9', []]);
    assert.equal(shownEntries(state)[0]?.text, turn?.text, 'what is shown is what is stored');
    for (const attachment of [
      { kind: 'terminal', uri: 'switchyard:terminal', text: 'x' },
      { kind: 'file', uri: 'dropped:a.txt', text: 'x' },
      { kind: 'image', uri: 'file:///shop/a.png', text: '' },
    ] as const) {
      const [, sent] = given(connected, inMode('act'), attach(place), attach(attachment), typed('Fix it'), submit);
      assert.deepEqual(sentTurns(sent)[0]?.attachments, [attachment]);
      assert.match(sentTurns(sent)[0]?.text ?? '', /Look at:\n- \/shop\/a b\.ts/);
    }
  });

  it('takes the text of a task into the composer as a new one, since a task has no versions', () => {
    const { state, key } = running();
    const [ended] = given(state, done(key), {
      type: 'page-loaded',
      chatId: 'c1',
      kind: 'refresh',
      effective: { source: 'policy' },
      reply: {
        cursor: undefined,
        next: undefined,
        messages: [message({ id: 'm1', role: 'user', text: 'Add a flag' }), message({ jobId: 'j1' })],
      },
    });
    const [question] = shownEntries(ended);
    const [edited] = given(ended, { type: 'edited', key: question?.key ?? '' });
    assert.deepEqual([edited.draft.text, edited.editing], ['Add a flag', undefined]);
  });
});

describe('the view, following a run', () => {
  it('makes of its parts a plan, steps with their results, and what it waits for', () => {
    const { state, effects } = running(
      { kind: 'plan', items: [{ text: 'Look', state: 'doing' }] },
      { kind: 'call', callId: '1.1', step: 1, tool: 'read', call: 'read', title: 'Read a.ts' },
      { kind: 'result', callId: '1.1', ok: true, summary: '40 lines', text: 'const a' },
      { kind: 'text', text: 'Now the test.' },
      {
        kind: 'call',
        callId: '2.1',
        step: 2,
        tool: 'run',
        call: 'run',
        title: 'Run npm test',
        taint: 'Asked for by a file.',
      },
      { kind: 'approval', approval: { ...approval, callId: '2.1' } },
      { kind: 'spent', usage, cost: 0.02, rounds: 2 },
    );
    const run = state.runs['j1'];
    assert.deepEqual(run?.plan, [{ text: 'Look', state: 'doing' }]);
    assert.deepEqual(
      run.calls.map(({ title, taint, result }) => [title, taint, result?.summary]),
      [
        ['Read a.ts', undefined, '40 lines'],
        ['Run npm test', 'Asked for by a file.', undefined],
      ],
    );
    assert.deepEqual(run.approvals, [{ approval: { ...approval, callId: '2.1' }, isSent: false }]);
    assert.deepEqual(run.spent, { usage, cost: 0.02, rounds: 2 });
    assert.equal(shownEntries(state).at(-1)?.text, 'Now the test.');
    assert.deepEqual(effects, []);
    assert.deepEqual(waitingChats(state), new Set(['c1']));
  });

  it('knows which calls a sub-agent makes for another call', () => {
    const { state } = running(
      { kind: 'call', callId: '1.1', step: 1, tool: 'delegate', call: 'read', title: 'Research: x' },
      { kind: 'call', callId: '1.1.1.1', within: '1.1', step: 1, tool: 'read', call: 'read', title: 'Read a.ts' },
      { kind: 'result', callId: '1.1.1.1', ok: true, summary: '40 lines', text: 'const a' },
    );
    assert.deepEqual(
      state.runs['j1']?.calls.map(({ callId, within, result }) => [callId, within, result?.summary]),
      [
        ['1.1', undefined, undefined],
        ['1.1.1.1', '1.1', '40 lines'],
      ],
    );
  });

  it('shows what was said before a step with that step, and the rest of its text below', () => {
    const call = (callId: string, said?: string): AgentPart => ({
      ...{ kind: 'call', callId, step: 1, tool: 'read', call: 'read', title: 'Read a.ts' },
      ...(said !== undefined && { said }),
    });
    const { state } = running(call('1.1', 'I read it.'), call('1.2'), call('2.1', 'Now **b**.'));
    const run = state.runs['j1'];
    assert.ok(run);
    assert.deepEqual(
      run.calls.map(({ said }) => said),
      ['I read it.', undefined, 'Now **b**.'],
    );
    for (const [text, below] of [
      ['I read it.\n\nNow **b**.\n\nDone.', 'Done.'],
      ['I read it.\n\nNow **b**.', ''],
      ['I read it.\n\nNow **b**.ad', 'I read it.\n\nNow **b**.ad'],
      ['Something else.\n\nDone.', 'Something else.\n\nDone.'],
    ] as const)
      assert.equal(textAfterSteps(text, run.calls), below);
  });

  it('keeps all that was said when it ends with the last of it', () => {
    const { state, key } = running({ kind: 'text', text: 'I read it.' }, { kind: 'text', text: '\n\nIt is there.' });
    const [{ transcript }] = given(state, done(key));
    assert.equal(entriesOf(transcript).at(-1)?.text, 'I read it.\n\nIt is there.');
  });

  it('says to a screen reader that it waits', () => {
    assert.match(running(asks).state.announcement, /Waiting for you\. Run npm test\?/);
  });

  it('ends it with what came of it', () => {
    const { state, key } = running(asks);
    const changes = [{ uri: 'file:///a.ts', path: 'a.ts', change: 'changed' as const, added: 2, removed: 1 }];
    const [ended] = given(state, done(key, { outcome: 'limit', why: 'Stopped after 25 turns.', changes }));
    assert.deepEqual(ended.runs['j1']?.end, { outcome: 'limit', why: 'Stopped after 25 turns.', steps: 1, changes });
    assert.deepEqual(ended.runs['j1']?.approvals, []);
    const answer = shownEntries(ended).at(-1);
    assert.deepEqual(
      [answer?.id, answer?.status, answer?.text, answer?.jobId],
      ['m2', 'complete', 'It is there.', 'j1'],
    );
  });

  it('asks its job what became of it when the request fails', () => {
    const { state, key } = running();
    const failure = { code: 'unavailable', message: 'Gone.', retryable: true };
    const [, effects] = given(state, { type: 'answer-failed', key, failure, at: 1 });
    assert.ok(effects.some((effect) => effect.kind === 'load-run' && effect.jobId === 'j1'));
  });

  it('stops all of it: its request where it is ours, else its job', () => {
    const { state, key } = running(asks);
    assert.deepEqual(given(state, { type: 'stop' })[1], [{ kind: 'stop', key }]);
    const stopRun: ViewMessage = { type: 'run-stopped', jobId: 'j1', chatId: 'c1' };
    assert.deepEqual(given(state, stopRun)[1], [{ kind: 'stop', key }]);
    assert.deepEqual(given(reloaded().state, stopRun)[1], [{ kind: 'cancel-run', jobId: 'j1', chatId: 'c1' }]);
  });
});

/** The same chat in a page that came later: the run waits. */
function reloaded(status: Message['status'] = 'partial', over: Partial<WholeJob> = {}) {
  const [state, effects] = given(
    connected,
    { type: 'open-chat', chatId: 'c1' },
    {
      type: 'page-loaded',
      chatId: 'c1',
      kind: 'latest',
      effective: { source: 'policy' },
      reply: {
        cursor: undefined,
        next: undefined,
        messages: [message({ id: 'm1', role: 'user', text: 'Add a flag' }), message({ status, jobId: 'j1' })],
      },
    },
  );
  const [loaded] = given(state, { type: 'run-loaded', chatId: 'c1', job: job(over) });
  return { state: loaded, effects };
}

describe('the view, coming back to a run', () => {
  it('reads it from its job, with what it waits for', () => {
    for (const status of ['streaming', 'partial'] as const) {
      const { state, effects } = reloaded(status);
      assert.ok(
        effects.some((effect) => effect.kind === 'load-run' && effect.jobId === 'j1'),
        status,
      );
      assert.deepEqual(state.runs['j1']?.approvals, [{ approval, isSent: false }]);
    }
  });

  it('reads the newest runs of its page, once, and says of one that it is no longer stored', () => {
    const messages = Array.from({ length: 14 }, (_, at) =>
      message({ id: `m${at}`, jobId: `j${at}`, status: 'complete' }),
    );
    const page: ViewMessage = {
      type: 'page-loaded',
      chatId: 'c1',
      kind: 'latest',
      effective: { source: 'policy' },
      reply: { cursor: undefined, next: undefined, messages },
    };
    const [state, effects] = given(connected, { type: 'open-chat', chatId: 'c1' }, page);
    const read = effects.flatMap((effect) => (effect.kind === 'load-run' ? [effect.jobId] : []));
    assert.deepEqual([read.length, read[0], read.at(-1)], [10, 'j4', 'j13']);
    const failure = { code: 'job-not-found', message: 'That job is no longer stored.', retryable: false };
    const [gone] = given(state, { type: 'run-not-loaded', jobId: 'j13', chatId: 'c1', failure });
    const { state: stands, canResume, problem } = gone.runs['j13'] ?? {};
    assert.deepEqual([stands, canResume, problem], ['stopped', false, 'The steps of this task are no longer stored.']);
  });

  it('can have it go on where its daemon ended', () => {
    const { state } = reloaded('partial', { state: 'stopped', canResume: true });
    assert.deepEqual([state.runs['j1']?.state, state.runs['j1']?.approvals], ['stopped', []]);
    const [resumed, effects] = given(state, { type: 'run-resumed', jobId: 'j1', chatId: 'c1' });
    assert.deepEqual(effects, [{ kind: 'resume-run', jobId: 'j1', chatId: 'c1' }]);
    assert.equal(resumed.runs['j1']?.state, 'working');
  });

  it('reads its result in the form of its kind, and nothing that has another form', () => {
    const change = { uri: 'file:///a.ts', path: 'a.ts', change: 'created', added: 2, removed: 0 };
    for (const [result, end] of [
      [
        { outcome: 'done', steps: 3, changes: [change, { path: 7 }, null] },
        { outcome: 'done', steps: 3, changes: [change] },
      ],
      [
        { outcome: 'denied', why: 'You said no.' },
        { outcome: 'denied', why: 'You said no.', steps: 0, changes: [] },
      ],
      [{ outcome: 'other' }, undefined],
      [undefined, undefined],
    ] as const) {
      const { state } = reloaded('complete', { state: 'done', parts: [], ...(result && { result }) });
      assert.deepEqual(state.runs['j1']?.end, end);
    }
  });

  it('keeps what came in as parts, live and when it has ended, before what is stored', () => {
    const { state, key } = running(asks);
    for (const followed of [state, given(state, done(key))[0]]) {
      assert.deepEqual(given(followed, { type: 'run-loaded', chatId: 'c1', job: job({ parts: [] }) })[0], followed);
      assert.deepEqual(given(followed, { type: 'run-looked-for', jobId: 'j1', chatId: 'c1' })[1], []);
    }
  });

  it('looks again when a job has changed: at its run, at what waits elsewhere, and at the answer where the run has moved', () => {
    const { state } = reloaded();
    assert.deepEqual(given(state, { type: 'jobs-changed' })[1], [
      { kind: 'load-run', jobId: 'j1', chatId: 'c1' },
      { kind: 'load-waiting' },
    ]);
    const moved = job({ state: 'done', parts: [], result: { outcome: 'done' } });
    const [, effects] = given(state, { type: 'run-loaded', chatId: 'c1', job: moved });
    assert.deepEqual(
      effects.map(({ kind }) => kind),
      ['load-page'],
    );
    assert.deepEqual(given(state, { type: 'run-loaded', chatId: 'c1', job: job() })[1], []);
  });

  it('shows in the list of chats what waits in others, until somebody has decided', () => {
    const [state, effects] = given(connected, { type: 'waiting-loaded', jobIds: ['j1'] });
    assert.deepEqual(effects, [{ kind: 'load-run', jobId: 'j1', chatId: '' }]);
    const [known] = given(state, { type: 'run-loaded', chatId: '', job: job() });
    assert.deepEqual(waitingChats(known), new Set(['c1']));
    assert.deepEqual(waitingChats(given(known, { type: 'waiting-loaded', jobIds: [] })[0]), new Set());
  });
});

describe('a message in a chat whose task waits', () => {
  it('stays in the composer, which says what to do, until the task waits no more', () => {
    const { state: seen } = reloaded();
    const [waiting, effects] = given(seen, typed('Something else'), submit);
    assert.deepEqual(sentTurns(effects), []);
    assert.equal(waiting.draft.text, 'Something else');
    assert.match(waiting.problem ?? '', /waits for your answer/);
    const [, sent] = given(waiting, { type: 'waiting-loaded', jobIds: [] }, submit);
    assert.equal(sentTurns(sent).length, 1);
  });
});

describe("a decision about a run's call", () => {
  it('is sent once, and can be sent again where that failed', () => {
    const { state } = running(asks);
    const [decided, effects] = given(state, decideOnce);
    assert.deepEqual(effects, [
      { kind: 'decide-run', jobId: 'j1', chatId: 'c1', callId: '1.1', mark: 'm', decision: 'once', reply: undefined },
      { kind: 'focus-composer' },
    ]);
    assert.deepEqual(given(decided, decideOnce)[1], []);
    const failure = { code: 'x', message: 'Try again.', retryable: true };
    const [failed] = given(decided, { type: 'run-undecided', jobId: 'j1', callId: '1.1', failure });
    assert.equal(failed.problem, 'Try again.');
    assert.equal(given(failed, decideOnce)[1][0]?.kind, 'decide-run');
  });

  for (const [what, state, decision] of [
    ['about a call that nobody asks about', running().state, 'once'],
    ['about another call', running({ kind: 'approval', approval: { ...approval, callId: '9.9' } }).state, 'once'],
    [
      'for longer, where the call is asked about each time',
      running({ kind: 'approval', approval: { ...approval, canAlways: false } }).state,
      'always',
    ],
    ['for longer, in a browser', { ...running(asks).state, host: 'browser' as const }, 'always'],
  ] as const) {
    it(`is none ${what}`, () => {
      assert.deepEqual(given(state, { ...decideOnce, decision } as ViewMessage), [state, []]);
    });
  }

  it('is over as soon as somebody else has decided', () => {
    const { state } = running(asks, { kind: 'approved', callId: '1.1', decision: 'deny' });
    assert.deepEqual(state.runs['j1']?.approvals, []);
  });
});

describe('a message that is written while a run works', () => {
  const queued = () => {
    const { state, key } = running();
    return { state: given(state, typed('Then the docs'), submit, typed('half'))[0], key };
  };

  it('waits, and is sent when the run has ended, in whichever chat the user is', () => {
    const { state, key } = queued();
    assert.deepEqual([state.queued['c1']?.draft.text, state.draft.text], ['Then the docs', 'half']);
    for (const there of [state, given(state, { type: 'new-chat' })[0]]) {
      const [sent, effects] = given(there, done(key));
      const [turn] = sentTurns(effects);
      assert.deepEqual([turn?.chatId, turn?.text, turn?.isTask], ['c1', 'Then the docs', true]);
      assert.deepEqual([sent.queued, sent.draft, sent.chatId], [{}, there.draft, there.chatId]);
      assert.equal(sent.answers.length, 1);
    }
  });

  it('grows by what is sent after it', () => {
    const { state } = queued();
    assert.equal(
      given(state, typed('and the log'), submit)[0].queued['c1']?.draft.text,
      'Then the docs\n\nand the log',
    );
  });

  it('comes back when it is taken back, and when the run is stopped or fails', () => {
    const { state, key } = queued();
    const failure = { code: 'unavailable', message: 'Gone.', retryable: true };
    for (const ending of [
      { type: 'queued-taken-back' },
      { type: 'stop' },
      { type: 'run-stopped', jobId: 'j1', chatId: 'c1' },
      { type: 'answer-failed', key, failure, at: 1 },
    ] satisfies ViewMessage[]) {
      const [back] = given(state, ending);
      assert.deepEqual([back.queued, back.draft.text], [{}, 'Then the docs\n\nhalf'], ending.type);
    }
  });

  it('is a draft again when the view comes back', () => {
    const { state } = queued();
    assert.equal(savedOf(state).draft?.text, 'Then the docs\n\nhalf');
    assert.equal(savedOf(given(state, { type: 'new-chat' })[0]).drafts?.['c1']?.text, 'Then the docs\n\nhalf');
  });

  it('is not kept while an answer without tools comes in', () => {
    const [asked] = given(connected, typed('Hello?'), submit);
    const [state] = given(
      asked,
      { type: 'chat-created', key: asked.answers[0]?.key ?? '', chatId: 'c1' },
      typed('More'),
    );
    assert.deepEqual(given(state, submit), [state, []]);
  });
});
