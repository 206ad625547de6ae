// The pictures of a question that is being written, each with a way to remove it; and a sentence about those that are gone.
import { html, nothing, type TemplateResult } from 'lit';
import { icons } from '../../icons.ts';
import { listed, t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import { type ListedPicture, listedDraft, pictureList } from '../pictures/picture-list.ts';
import type { Draft } from '../state/state.ts';
import type { DraftPicture } from '../state/transcript.ts';

export function pictureRow(from: EventTarget, { pictures = [], lostPictures = [] }: Draft): TemplateResult {
  return html`
    ${pictureList(pictures.map((picture, index) => removable(from, picture, index)))}
    ${lostPictures.length > 0 ? lost(from, lostPictures) : nothing}
  `;
}

function removable(from: EventTarget, picture: DraftPicture, index: number): ListedPicture {
  const remove = (): void => gesture(from, { type: 'picture-removed', index });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Delete' && event.key !== 'Backspace') return;
    event.preventDefault();
    remove();
  };
  const button = html`<button class="quiet square small" aria-label=${t('Remove {0}', picture.name)} title=${t('Remove')} @click=${remove} @keydown=${onKeyDown}>${icons.close}</button>`;
  return { ...listedDraft(picture), button };
}

function lost(from: EventTarget, names: readonly string[]): TemplateResult {
  const dismiss = (): void => gesture(from, { type: 'lost-pictures-dismissed' });
  const pictures = listed(names);
  return html`<div class="lost" role="status">
    <span>${t("Attach {0} again. Pictures aren't kept when this view is closed.", pictures)}</span>
    <button class="quiet square small" aria-label=${t('Dismiss')} title=${t('Dismiss')} @click=${dismiss}>${icons.close}</button>
  </div>`;
}
