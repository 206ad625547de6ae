// What is said of completion: a line of the status bar's tooltip, and the rows of its menu. Pure.
import type { CompletionState } from '../../shared/protocol/completion.ts';

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
export function completionLines(state: CompletionState | undefined, { snoozedUntil, last }: CompletionView): string[] {
  if (!state) return [];
  if (state.state === 'off') return [`Completion: off. ${state.why ?? ''}`];
  if (snoozedUntil !== undefined) return [`Completion: snoozed until ${clock.format(snoozedUntil)}`];
  const facts = [state.model ?? 'on'];
  if (last && last.model === state.model) {
    facts.push(`last suggestion in ${Math.round(last.latencyMs)} ms`);
    if (last.tokensPerSecond !== undefined) facts.push(`${Math.round(last.tokensPerSecond)} tokens/s`);
  }
  return [`Completion: ${facts.join(', ')}`];
}

/** `language`: of the document that is open, if one is. */
export function completionRows(
  state: CompletionState | undefined,
  { snoozedUntil }: Pick<CompletionView, 'snoozedUntil'>,
  language: string | undefined,
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
  const verb = state.state === 'on' ? '$(circle-slash) Turn Off' : '$(symbol-snippet) Turn On';
  const snooze =
    snoozedUntil === undefined
      ? { label: '$(bell-slash) Snooze Completion…', command: 'switchyard.snoozeCompletion' }
      : {
          label: '$(bell) Resume Completion',
          command: 'switchyard.resumeCompletion',
          description: `snoozed until ${clock.format(snoozedUntil)}`,
        };
  return [
    {
      label: `${verb} Completion`,
      command: 'switchyard.toggleCompletion',
      description: state.why ?? state.model ?? '',
    },
    ...(language === undefined
      ? []
      : [
          { label: `${verb} Completion for ${language}`, command: 'switchyard.toggleCompletionForLanguage' },
          { label: `${verb} Completion for This File`, command: 'switchyard.toggleCompletionForFile' },
        ]),
    ...(state.state === 'on' ? [snooze] : []),
  ];
}
