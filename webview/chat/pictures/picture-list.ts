// Pictures in a row, each with its name and facts: those of a draft, those that were just sent, and those of stored questions.
import { html, nothing, type TemplateResult } from 'lit';
import { shownBytes } from '../../format.ts';
import { icons } from '../../icons.ts';
import { t } from '../../words.ts';
import type { DraftPicture } from '../state/transcript.ts';
import './picture.ts';

export interface ListedPicture {
  /** None where nothing of it is kept. */
  source: Blob | string | undefined;
  name: string;
  /** `1200 × 800, 240 kB` */
  facts: string;
  /** With its whole path. */
  title: string;
  button?: TemplateResult;
}

export function pictureList(pictures: readonly ListedPicture[]): TemplateResult | typeof nothing {
  if (pictures.length === 0) return nothing;
  return html`<ul class="pictures" aria-label=${t('Pictures')}>${pictures.map(
    ({ source, name, facts, title, button }) => html`<li title=${title}>
      ${source === undefined ? icons.picture : html`<sw-picture .source=${source} .label=${name}></sw-picture>`}
      <span class="about"><span class="name">${name}</span><span class="detail">${facts}</span></span>${button ?? nothing}
    </li>`,
  )}</ul>`;
}

export function listedDraft({ blob, name, width, height }: DraftPicture): ListedPicture {
  return { source: blob, name, facts: pictureFacts({ width, height, sizeBytes: blob.size }), title: name };
}

export function pictureFacts({
  width,
  height,
  sizeBytes,
}: {
  width: number;
  height: number;
  sizeBytes: number;
}): string {
  return `${width} × ${height}, ${shownBytes(sizeBytes)}`;
}
