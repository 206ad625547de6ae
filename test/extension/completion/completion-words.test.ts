// What the status bar and its menu say of completion.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  type CompletionView,
  completionLines,
  completionRows,
} from '../../../extension/completion/completion-words.ts';
import type { CompletionState } from '../../../shared/protocol/completion.ts';

const on = { state: 'on', model: 'local/coder' } as const;
const snoozedUntil = new Date(2026, 0, 2, 14, 5).getTime();

describe('what is said of completion', () => {
  const last = { model: 'local/coder', latencyMs: 119.6, tokensPerSecond: 45.2 };
  const lines: [what: string, state: CompletionState | undefined, view: CompletionView, expected: string[]][] = [
    ['nothing before it is known', undefined, {}, []],
    ['the model', on, {}, ['Completion: local/coder']],
    [
      'how fast the last suggestion came',
      on,
      { last },
      ['Completion: local/coder, last suggestion in 120 ms, 45 tokens/s'],
    ],
    ['nothing of another model', on, { last: { ...last, model: 'local/other' } }, ['Completion: local/coder']],
    ['why it is off', { state: 'off', why: 'Off for markdown.' }, { last }, ['Completion: off. Off for markdown.']],
    ['until when it is snoozed', on, { snoozedUntil }, ['Completion: snoozed until 14:05']],
  ];
  for (const [what, state, view, expected] of lines)
    it(what, () => assert.deepEqual(completionLines(state, view), expected));
});

describe('the menu of completion', () => {
  type Row = [what: string, state: CompletionState | undefined, view: CompletionView, language: string | undefined];
  const rows: [...Row, expected: string[]][] = [
    ['is empty before anything is known', undefined, {}, 'python', []],
    [
      'turns it off, everywhere or here, and snoozes it',
      on,
      {},
      'python',
      [
        'Turn Off Completion',
        'Turn Off Completion for python',
        'Turn Off Completion for This File',
        'Snooze Completion…',
      ],
    ],
    ['has nothing of a file where none is open', on, {}, undefined, ['Turn Off Completion', 'Snooze Completion…']],
    ['resumes it', on, { snoozedUntil }, undefined, ['Turn Off Completion', 'Resume Completion']],
    ['turns it on where it is turned off', { state: 'off', why: 'Off.' }, {}, undefined, ['Turn On Completion']],
    [
      'offers a model where there is none',
      { state: 'off', code: 'no-completion-model' },
      {},
      'python',
      ['Set Up Completion…'],
    ],
    [
      'turns on nothing that a file is kept from',
      { state: 'off', code: 'ignored-file' },
      {},
      'python',
      ['Turn Off Completion'],
    ],
  ];
  for (const [what, state, view, language, expected] of rows)
    it(what, () => {
      const labels = completionRows(state, view, language).map(({ label }) => label.replace(/^\$\(\S+\) /, ''));
      assert.deepEqual(labels, expected);
    });
});
