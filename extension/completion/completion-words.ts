// What is said of completion: a line of the status bar's tooltip, and the rows of its menu. Pure.
import type { CompletionState } from '../../shared/protocol/completion.ts';
import { inEnglish, type Translate } from '../logic/translate.ts';

export interface LastSuggestion {
  /** `provider/model`. */
  model: string;
  latencyMs: number;
  tokensPerSecond?: number | undefined;
}

const clock = new Intl.DateTimeFormat('en-US', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** What this window knows of completion besides the daemon's state of it. */
export interface CompletionView {
  /** Until when it is snoozed, in milliseconds of the clock. */
  snoozedUntil?: number | undefined;
  last?: LastSuggestion | undefined;
}

export interface CompletionRow {
  label: string;
  command: string;
  description?: string;
}

/** Nothing where the daemon has not said it yet. */
export function completionLines(
  state: CompletionState | undefined,
  { snoozedUntil, last }: CompletionView,
  t: Translate = inEnglish,
): string[] {
  if (!state) return [];
  if (state.state === 'off') return [t('Completion: off. {0}', state.why ?? '')];
  if (snoozedUntil !== undefined) return [t('Completion: snoozed until {0}', clock.format(snoozedUntil))];
  const facts = [state.model ?? t('on')];
  if (last && last.model === state.model) {
    facts.push(t('last suggestion in {0} ms', Math.round(last.latencyMs)));
    if (last.tokensPerSecond !== undefined) facts.push(t('{0} tokens/s', Math.round(last.tokensPerSecond)));
  }
  return [t('Completion: {0}', facts.join(', '))];
}

/** `language`: of the document that is open, if one is. */
export function completionRows(
  state: CompletionState | undefined,
  { snoozedUntil }: Pick<CompletionView, 'snoozedUntil'>,
  language: string | undefined,
  t: Translate = inEnglish,
): CompletionRow[] {
  if (!state) return [];
  if (state.code === 'no-completion-model')
    return [{ label: '$(symbol-snippet) Set Up Completion…', command: 'switchyard.setUpCompletion' }];
  if (state.code !== undefined)
    return [
      {
        label: '$(circle-slash) Turn Off Completion',
        command: 'switchyard.toggleCompletion',
        description: state.why ?? '',
      },
    ];
  const isOn = state.state === 'on';
  const icon = isOn ? '$(circle-slash)' : '$(symbol-snippet)';
  const snooze =
    snoozedUntil === undefined
      ? { label: '$(bell-slash) Snooze Completion…', command: 'switchyard.snoozeCompletion' }
      : {
          label: '$(bell) Resume Completion',
          command: 'switchyard.resumeCompletion',
          description: t('snoozed until {0}', clock.format(snoozedUntil)),
        };
  return [
    {
      label: `${icon} ${isOn ? t('Turn Off Completion') : t('Turn On Completion')}`,
      command: 'switchyard.toggleCompletion',
      description: state.why ?? state.model ?? '',
    },
    ...(language === undefined
      ? []
      : [
          {
            label: `${icon} ${isOn ? t('Turn Off Completion for {0}', language) : t('Turn On Completion for {0}', language)}`,
            command: 'switchyard.toggleCompletionForLanguage',
          },
          {
            label: `${icon} ${isOn ? t('Turn Off Completion for This File') : t('Turn On Completion for This File')}`,
            command: 'switchyard.toggleCompletionForFile',
          },
        ]),
    ...(isOn ? [snooze] : []),
  ];
}
