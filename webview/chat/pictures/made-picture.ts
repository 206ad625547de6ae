// <sw-made-picture>: a picture that was made as an answer, with a button that saves it: it is stored nowhere.
import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { styles } from '../../element.ts';
import { t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import type { ReceivedPicture } from '../state/transcript.ts';
import './picture.ts';

const edgePixels = 1024;

export class MadePictureView extends LitElement {
  static override styles = [
    ...styles(),
    css`
      :host {
        display: flex;
        flex-direction: column;
        align-items: flex-start;
        gap: 6px;
        margin-bottom: 8px;
      }
      sw-picture {
        max-width: 100%;
        border-radius: 4px;
      }
    `,
  ];
  static override properties = { picture: { attribute: false }, label: { attribute: false } };
  declare picture: ReceivedPicture;
  /** What was described. */
  declare label: string;
  #blob = new Blob([]);

  constructor() {
    super();
    this.label = '';
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('picture')) return;
    const bytes = Uint8Array.from(atob(this.picture.data), (character) => character.charCodeAt(0));
    this.#blob = new Blob([bytes], { type: this.picture.mediaType });
  }

  override render(): TemplateResult {
    const { mediaType, data } = this.picture;
    const save = (): void => gesture(this, { type: 'action', action: { kind: 'save-picture', mediaType, data } });
    return html`<sw-picture .source=${this.#blob} .label=${this.label} .edge=${edgePixels}></sw-picture>
      <button class="primary" @click=${save}>${t('Save Picture…')}</button>`;
  }
}

customElements.define('sw-made-picture', MadePictureView);
