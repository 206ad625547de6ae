// <sw-picture>: a picture, drawn into a canvas, small where nothing else is said. No address of a picture ever stands in a page, so that the page's policy need not
// let any load, whatever an answer's text asks for.
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { icons } from '../../icons.ts';
import { t } from '../../words.ts';

/** Drawn with more points than its box has, for sharp screens. */
const smallEdgePixels = 192;

export class PictureView extends LitElement {
  static override styles = css`
    :host {
      display: inline-flex;
      align-items: center;
      justify-content: center;
      overflow: hidden;
    }
    canvas {
      display: block;
      max-width: 100%;
      max-height: 100%;
    }
  `;
  static override properties = {
    source: { attribute: false },
    label: { attribute: false },
    edge: { attribute: false },
    isBroken: { state: true },
  };
  /** Its bytes, or a data URL that the daemon made. */
  declare source: Blob | string;
  declare label: string;
  /** So many points at most on its longer side. */
  declare edge: number;
  declare isBroken: boolean;

  constructor() {
    super();
    this.source = '';
    this.label = '';
    this.edge = smallEdgePixels;
    this.isBroken = false;
  }

  override render(): TemplateResult {
    return this.isBroken
      ? html`<span role="img" aria-label=${this.label} title=${t("This picture can't be shown here")}>${icons.picture}</span>`
      : html`<canvas role="img" aria-label=${this.label || nothing}></canvas>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('source')) void this.#draw(this.source);
  }

  async #draw(source: Blob | string): Promise<void> {
    try {
      const whole = await createImageBitmap(typeof source === 'string' ? blobOf(source) : source);
      const scale = Math.min(1, this.edge / Math.max(whole.width, whole.height));
      const canvas = this.renderRoot.querySelector('canvas');
      if (canvas && source === this.source) {
        canvas.width = Math.max(1, Math.round(whole.width * scale));
        canvas.height = Math.max(1, Math.round(whole.height * scale));
        const context = canvas.getContext('2d');
        if (context) context.imageSmoothingQuality = 'high';
        context?.drawImage(whole, 0, 0, canvas.width, canvas.height);
      }
      whole.close();
    } catch {
      if (source === this.source) this.isBroken = true;
    }
  }
}

const dataUrl = /^data:(image\/(?:png|jpeg|webp));base64,([A-Za-z0-9+/=]*)$/;

/** Throws where it is none of a picture. */
function blobOf(url: string): Blob {
  const [, type, data] = dataUrl.exec(url) ?? [];
  if (type === undefined || data === undefined) throw new Error('This is no picture.');
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  return new Blob([bytes], { type });
}

customElements.define('sw-picture', PictureView);
