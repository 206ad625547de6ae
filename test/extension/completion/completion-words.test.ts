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
    [
      'that it has no model yet, without commands of the terminal',
      { state: 'off', code: 'no-completion-model', why: 'Get one with `switchyard models pull`.' },
      {},
      ['Completion: off. No model for it is set up yet.'],
    ],
    ['why it is off', { state: 'off', why: 'Off for markdown.' }, { last }, ['Completion: off. Off for markdown.']],
    ['until when it is snoozed', on, { snoozedUntil }, ['Completion: snoozed until 14:05']],
  ];
  for (const [what, state, view, expected] of lines)
    it(what, () => assert.deepEqual(completionLines(state, view), expected));
});

describe('the menu of completion', () => {
  const off = (code: string): CompletionState => ({ state: 'off', code, why: 'Why.' });
  const isOff: CompletionState = { state: 'off', why: 'Off for markdown.' };
  const general = ['Turn Off Completion', 'Snooze Completion…', 'Completion Settings'];
  const here = (language: string, turn = 'Off') => [
    `Turn ${turn} Completion for ${language}`,
    `Turn ${turn} Completion for This File`,
  ];
  interface Menu {
    everywhere: CompletionState | undefined;
    here?: CompletionState;
    view?: CompletionView;
    language?: string;
    isFileOff?: boolean;
    rows: string[];
  }
  const menus: Record<string, Menu> = {
    'is empty before anything is known': { everywhere: undefined, language: 'python', rows: [] },
    'turns it off here or everywhere, and snoozes it': {
      everywhere: on,
      here: on,
      language: 'python',
      rows: [...here('python'), ...general],
    },
    'has nothing of a file where none is open': { everywhere: on, rows: general },
    'resumes it': {
      everywhere: on,
      view: { snoozedUntil },
      rows: ['Turn Off Completion', 'Resume Completion', 'Completion Settings'],
    },
    'turns it on where it is turned off': {
      everywhere: { state: 'off', why: 'Off.' },
      rows: ['Turn On Completion', 'Completion Settings'],
    },
    'turns it on in one place, and off everywhere, where one language alone is off': {
      everywhere: on,
      here: isOff,
      language: 'markdown',
      rows: [...here('markdown', 'On'), 'Turn Off Completion', 'Completion Settings'],
    },
    'turns it on for the file where the file alone is off, since its language makes no difference': {
      everywhere: on,
      here: isOff,
      language: 'markdown',
      isFileOff: true,
      rows: ['Turn On Completion for This File', 'Turn Off Completion', 'Completion Settings'],
    },
    'offers a model where there is none': {
      everywhere: off('no-completion-model'),
      here: off('no-completion-model'),
      language: 'python',
      rows: ['Set Up Completion…'],
    },
    ...Object.fromEntries(
      ['ignored-file', 'secret-file', 'on-battery', 'completion-rests'].map((code): [string, Menu] => [
        `says why there is nothing where it is ${code}`,
        {
          everywhere: on,
          here: off(code),
          language: 'python',
          rows: ['No Suggestions Here', 'Turn Off Completion', 'Completion Settings'],
        },
      ]),
    ),
  };
  for (const [what, { everywhere, here: state, view = {}, language, isFileOff, rows }] of Object.entries(menus))
    it(what, () => {
      const labels = completionRows({ everywhere, here: state, language, isFileOff }, view).map(({ label }) =>
        label.replace(/^\$\(\S+\) /, ''),
      );
      assert.deepEqual(labels, rows);
    });

  it('says the model, and how fast it was', () => {
    const last = { model: 'local/coder', latencyMs: 119.6, tokensPerSecond: 45.2 };
    const [row] = completionRows({ everywhere: on, here: undefined, language: undefined }, { last });
    assert.equal(row?.description, 'local/coder, last suggestion in 120 ms, 45 tokens/s');
  });

  it('leads to the setting of battery power', () => {
    const [row] = completionRows({ everywhere: on, here: off('on-battery'), language: 'python' }, {});
    assert.match(row?.argument ?? '', /onBattery$/);
  });
});
