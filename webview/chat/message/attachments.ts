// <sw-attachments>: what went along with a question. What the user attached is a chip each; what was found for the question's
// mentions is folded, with a preview of every piece. Places in files open there; the rest is read here.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Attachment } from '../../../shared/protocol/chat.ts';
import type { HostActionKind } from '../../../shared/webview.ts';
import { styles } from '../../element.ts';
import { attachmentLabel, attachmentTitle, shownBytes } from '../../format.ts';
import { icons } from '../../icons.ts';
import { t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import { type ListedPicture, pictureFacts, pictureList } from '../pictures/picture-list.ts';
import { foundGroups, isPlace, preview } from './attachment-parts.ts';
import attachmentStyles from './attachments.css';

export const attachmentIcons: Record<Attachment['kind'], TemplateResult> = {
  selection: icons.selection,
  file: icons.file,
  code: icons.code,
  folder: icons.folder,
  symbol: icons.symbol,
  problems: icons.problems,
  diff: icons.diff,
  terminal: icons.terminal,
  image: icons.picture,
  ocr: icons.picture,
};

export class Attachments extends LitElement {
  static override styles = styles(attachmentStyles);
  static override properties = { attachments: { attribute: false }, actions: { attribute: false } };
  declare attachments: readonly Attachment[];
  declare actions: readonly HostActionKind[];

  constructor() {
    super();
    this.attachments = [];
    this.actions = [];
  }

  override render(): TemplateResult {
    const pictures = this.attachments.filter(({ kind }) => kind === 'image');
    const { single, groups } = foundGroups(this.attachments.filter(({ kind }) => kind !== 'image'));
    return html`
      ${pictureList(pictures.map(listedAttachment))}
      ${single.length > 0 ? html`<div class="chips">${single.map((attachment) => (isPlace(attachment) ? this.#chip(attachment) : this.#text(attachment)))}</div>` : nothing}
      ${groups.map(
        ({ kind, label, attachments }) => html`<details class="found">
        <summary>${attachmentIcons[kind]}<span>${label}</span><span class="detail">${sizeOf(attachments)}</span></summary>
        <ol>${attachments.map((attachment) => this.#piece(attachment))}</ol>
      </details>`,
      )}
    `;
  }

  #chip(attachment: Attachment): TemplateResult {
    return html`<button class="chip" title="${attachmentTitle(attachment)}, ${sizeOf([attachment])}" ?disabled=${!this.actions.includes('open-attachment')} @click=${() => this.#open(attachment)}>
      ${attachmentIcons[attachment.kind]}<span class="name">${attachmentLabel(attachment)}</span>
    </button>`;
  }

  /** What lies in no file. */
  #text(attachment: Attachment): TemplateResult {
    return html`<details class="text"><summary class="chip">${attachmentIcons[attachment.kind]}<span class="name">${attachmentLabel(attachment)}</span><span class="detail">${sizeOf([attachment])}</span></summary>
      <pre tabindex="0">${attachment.text}</pre>
    </details>`;
  }

  #piece(attachment: Attachment): TemplateResult {
    return html`<li>
      <div class="row">${this.#chip(attachment)}<span class="detail">${sizeOf([attachment])}</span></div>
      <pre tabindex="0" aria-label=${t('Beginning of {0}', attachmentLabel(attachment))}>${preview(attachment.text)}</pre>
    </li>`;
  }

  #open({ uri, range }: Attachment): void {
    gesture(this, { type: 'action', action: { kind: 'open-attachment', uri, ...(range && { range }) } });
  }
}

/** By its thumbnail: the picture itself is kept nowhere. */
function listedAttachment(attachment: Attachment): ListedPicture {
  const { picture } = attachment;
  return {
    source: picture?.thumbnail,
    name: attachmentLabel(attachment),
    facts: picture ? pictureFacts(picture) : '',
    title: attachmentTitle(attachment),
  };
}

function sizeOf(attachments: readonly Attachment[]): string {
  return shownBytes(attachments.reduce((sum, { text }) => sum + text.length, 0));
}

customElements.define('sw-attachments', Attachments);
