// The list above the composer while a mention is typed: kinds, then files, folders and symbols. The composer holds the keyboard.
import { html, nothing, type TemplateResult } from 'lit';
import { icons } from '../../icons.ts';
import { t } from '../../words.ts';
import type { Mention } from '../state/state.ts';
import type { Choice } from './mentions.ts';

const kindIcons: Record<Choice['kind'], TemplateResult> = {
  codebase: icons.code,
  command: icons.terminal,
  file: icons.file,
  folder: icons.folder,
  symbol: icons.symbol,
  ocr: icons.file,
  diff: icons.diff,
  problems: icons.problems,
  terminal: icons.terminal,
};

export interface MentionListEvents {
  pick(choice: Choice): void;
  point(index: number): void;
}

export function mentionList(
  { isLoading, note }: Pick<Mention, 'isLoading' | 'note'>,
  { choices, active }: { choices: readonly Choice[]; active: number },
  { pick, point }: MentionListEvents,
): TemplateResult {
  const row = (choice: Choice, index: number): TemplateResult => html`<div
    id="mention-${index}" class="mention ${index === active ? 'active' : ''}" role="option" aria-selected=${index === active}
    @mousedown=${(event: Event) => event.preventDefault()} @click=${() => pick(choice)} @mousemove=${() => point(index)}
  >${kindIcons[choice.kind]}<span class="name">${choice.name}</span>${choice.detail ? html`<span class="detail name">${choice.detail}</span>` : nothing}</div>`;
  const isEmpty = choices.length === 0 && !isLoading;
  return html`<div class="mentions">
    <div id="mentions" role="listbox" aria-label=${t('What to attach')}>${choices.map(row)}</div>
    ${choices.length === 0 && isLoading ? html`<div class="edge"><vscode-progress-ring></vscode-progress-ring></div>` : nothing}
    ${isEmpty ? html`<p class="hint">${t('No matches.')}</p>` : nothing} ${note ? html`<p class="hint" role="status">${note}</p>` : nothing}
  </div>`;
}
