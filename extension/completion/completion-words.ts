// What is said of completion: a line of the status bar's tooltip, and the rows of its menu. Pure.
import type { CompletionState } from '../../shared/protocol/completion.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';
import type { MenuRow } from '../logic/menu-rows.ts';

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

/** Nothing where the daemon has not said it yet. */
export function completionLines(
  state: CompletionState | undefined,
  view: CompletionView,
  t: Translate = inEnglish,
): string[] {
  if (!state) return [];
  if (state.code === 'no-completion-model') return [t('Completion: off. No model for it is set up yet.')];
  if (state.state === 'off') return [t('Completion: off. {0}', state.why ?? '')];
  const { snoozedUntil } = view;
  if (snoozedUntil !== undefined) return [t('Completion: snoozed until {0}', clock.format(snoozedUntil))];
  return [t('Completion: {0}', speedWords(state, view, t))];
}

/** The model, and how fast it was last. */
function speedWords({ model }: CompletionState, { last }: CompletionView, t: Translate): string {
  const facts = [model ?? t('on')];
  if (last && last.model === model) {
    facts.push(t('last suggestion in {0} ms', Math.round(last.latencyMs)));
    if (last.tokensPerSecond !== undefined) facts.push(t('{0} tokens/s', Math.round(last.tokensPerSecond)));
  }
  return facts.join(', ');
}

interface CompletionPlaces {
  /** Without a document. */
  everywhere: CompletionState | undefined;
  /** In the document that is open, if one is. */
  here: CompletionState | undefined;
  /** That document's language, by its name. */
  language: string | undefined;
  /** Whether it's turned off for that document alone. */
  isFileOff?: boolean | undefined;
}

const settingsRow: MenuRow = {
  label: '$(settings) Completion Settings',
  command: 'workbench.action.openSettings',
  argument: 'switchyard.completion',
};

/** What is in the way comes first, with what helps. */
export function completionRows(
  { everywhere, here = everywhere, language, isFileOff = false }: CompletionPlaces,
  view: CompletionView,
  t: Translate = inEnglish,
): MenuRow[] {
  if (!everywhere || !here) return [];
  if (everywhere.code === 'no-completion-model')
    return [
      {
        label: '$(symbol-snippet) Set Up Completion…',
        command: 'switchyard.setUpCompletion',
        description: t('suggests code as you type'),
      },
    ];
  const isOn = everywhere.state === 'on' || everywhere.code !== undefined;
  const all = {
    label: isOn ? '$(circle-slash) Turn Off Completion' : '$(symbol-snippet) Turn On Completion',
    command: 'switchyard.toggleCompletion',
    description: everywhere.state === 'on' ? speedWords(everywhere, view, t) : (everywhere.why ?? ''),
  };
  const rows = here.code === undefined ? placeRows(here, { language, isFileOff }, t) : [obstacleRow(here, language)];
  return [...rows, all, ...(here.state === 'on' ? [snoozeRow(view, t)] : []), settingsRow];
}

/** Its reason is told in full once it is chosen, but for what a setting changes. */
function obstacleRow({ code, why = '' }: CompletionState, language: string | undefined): MenuRow {
  const row = { label: '$(info) No Suggestions Here', description: why };
  if (code === 'on-battery')
    return { ...row, command: settingsRow.command, argument: '@id:switchyard.completion.onBattery' };
  return { ...row, command: language === undefined ? 'switchyard.doctor' : 'switchyard.toggleCompletionForFile' };
}

function placeRows(
  { state, why }: CompletionState,
  { language, isFileOff }: Pick<CompletionPlaces, 'language' | 'isFileOff'>,
  t: Translate,
): MenuRow[] {
  if (language === undefined) return [];
  const isOn = state === 'on';
  const icon = isOn ? '$(circle-slash)' : '$(symbol-snippet)';
  const ofFile = {
    label: `${icon} ${isOn ? t('Turn Off Completion for This File') : t('Turn On Completion for This File')}`,
    command: 'switchyard.toggleCompletionForFile',
  };
  if (isFileOff) return [ofFile]; // its language makes no difference then
  const ofLanguage = {
    label: `${icon} ${isOn ? t('Turn Off Completion for {0}', language) : t('Turn On Completion for {0}', language)}`,
    command: 'switchyard.toggleCompletionForLanguage',
    description: why ?? '',
  };
  return [ofLanguage, ofFile];
}

function snoozeRow({ snoozedUntil }: CompletionView, t: Translate): MenuRow {
  return snoozedUntil === undefined
    ? { label: '$(bell-slash) Snooze Completion…', command: 'switchyard.snoozeCompletion' }
    : {
        label: '$(bell) Resume Completion',
        command: 'switchyard.resumeCompletion',
        description: t('snoozed until {0}', clock.format(snoozedUntil)),
      };
}
