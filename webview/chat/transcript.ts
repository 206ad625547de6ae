// <sw-transcript>: the messages of a chat. Asks for pages as the reader nears an end, and keeps what is being read where it is.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Attachment } from '../../shared/protocol/chat.ts';
import type { HostActionKind } from '../../shared/webview.ts';
import { styles } from '../element.ts';
import { icons } from '../icons.ts';
import { type Citable, nothingCitable } from '../markdown/citations.ts';
import { t } from '../words.ts';
import { gesture } from './gesture.ts';
import messageStyles from './message/message.css';
import type { Explanations, Spot, State } from './state/state.ts';
import { type Entry, emptyTranscript, isStored, type Transcript } from './state/transcript.ts';
import './message/message.ts';

/** This near to the end, in pixels, the reader is taken to follow the answer. */
const endPixels = 24;
const aboveAsked = 8; // pixels between the upper edge and what is asked
/** This near to an end of what is held, the next page is asked for. */
const pageAheadPixels = 800;

export class TranscriptView extends LitElement {
  static override styles = styles(messageStyles);
  static override properties = {
    chatKey: { attribute: false },
    entries: { attribute: false },
    transcript: { attribute: false },
    actions: { attribute: false },
    spot: { attribute: false },
    explanations: { attribute: false },
    isBusy: { attribute: false },
    editingKey: { attribute: false },
    confirmedPaths: { attribute: false },
    canRetry: { attribute: false },
    runs: { attribute: false },
    canAlways: { attribute: false },
    changes: { attribute: false },
    made: { attribute: false },
  };
  declare chatKey: string;
  declare entries: readonly Entry[];
  declare transcript: Transcript;
  declare actions: readonly HostActionKind[];
  declare spot: Spot | undefined;
  declare explanations: Explanations;
  declare isBusy: boolean;
  declare confirmedPaths: Citable['confirmed'];
  /** The question that is being edited. */
  declare editingKey: string | undefined;
  declare canRetry: boolean;
  declare runs: State['runs'];
  declare canAlways: boolean;
  declare changes: State['changes'];
  declare made: State['made'];

  /** What stays in place when the content changes its size: a message, or (when there is none) the end. */
  #anchor: Spot | undefined;
  /** Where it was scrolled to the beginning of what is asked, which counts as the end. */
  #askedAt: number | undefined;
  #lastCitable = nothingCitable;
  readonly #resized = new ResizeObserver(() => this.#keepPlace());

  constructor() {
    super();
    this.chatKey = '';
    this.entries = [];
    this.transcript = emptyTranscript;
    this.actions = [];
    this.explanations = {};
    this.isBusy = false;
    this.confirmedPaths = {};
    this.canRetry = false;
    this.runs = {};
    this.canAlways = false;
    this.changes = {};
    this.made = {};
  }

  override render(): TemplateResult {
    const { loading, error, newer } = this.transcript;
    const citable = this.#citable();
    const lastAnswer = this.entries.findLast(({ role }) => role === 'assistant');
    return html`
      <div class="scroller" role="log" aria-live="off" aria-label=${t('Chat')} tabindex="0" @scroll=${this.#onScroll}>
        <div class="content">
          ${loading === 'older' || loading === 'latest' ? html`<div class="edge"><vscode-progress-ring></vscode-progress-ring></div>` : nothing}
          ${error ? this.#pageError(error) : nothing}
          ${repeat(
            this.entries,
            ({ key }) => key,
            (entry) => html`<sw-message
              data-id=${entry.id} .entry=${entry} .actions=${this.actions} .explanations=${this.explanations}
              .canRetry=${entry === lastAnswer && entry.jobId === undefined && newer.length === 0 && loading === undefined && !this.isBusy && this.canRetry}
              .citable=${citable} .canChange=${!this.isBusy && this.canRetry} .editingKey=${this.editingKey} .run=${this.runs[entry.jobId ?? '']} .canAlways=${this.canAlways} .changes=${this.changes[entry.jobId ?? '']} .made=${this.made[entry.id]}
            ></sw-message>`,
          )}
        </div>
      </div>
      ${newer.length > 0 ? this.#toLatest() : nothing}
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // A chat that is opened shows its end, unless the view comes back to a place; a question just asked is followed.
    const isOther = changed.has('chatKey') && changed.get('chatKey') !== '';
    const hasAsked = changed.has('isBusy') && this.isBusy;
    if (isOther || hasAsked) this.#anchor = undefined;
    if (changed.has('spot') && changed.get('spot') === undefined && this.spot !== undefined) this.#anchor = this.spot;
  }

  protected override firstUpdated(): void {
    const content = this.renderRoot.querySelector('.content');
    if (content) this.#resized.observe(content);
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  /** The same object as long as nothing changed, so that a part that comes in renders no other answer again. */
  #citable(): Citable {
    const attachments = this.entries.flatMap((entry) => entry.attachments ?? []);
    const isWhole = this.entries.every((entry) => entry.role === 'assistant' || isStored(entry));
    const { attachments: before, confirmed, isWhole: wasWhole } = this.#lastCitable;
    const isSame =
      confirmed === this.confirmedPaths &&
      isWhole === wasWhole &&
      before.length === attachments.length &&
      attachments.every((attachment, index) => isSamePlace(attachment, before[index]));
    if (!isSame) this.#lastCitable = { attachments, confirmed: this.confirmedPaths, isWhole };
    return this.#lastCitable;
  }

  #pageError(error: string): TemplateResult {
    return html`<div class="edge" role="alert">
      <span>${error}</span>
      <button class="link" @click=${() => gesture(this, { type: 'page-wanted', kind: 'latest' })}>${t('Load again')}</button>
    </div>`;
  }

  #toLatest(): TemplateResult {
    return html`<button class="to-latest" @click=${this.#onToLatest}>${t('Latest messages')} ${icons.chevron}</button>`;
  }

  #onToLatest(): void {
    this.#anchor = undefined;
    gesture(this, { type: 'page-wanted', kind: 'latest' });
  }

  #onScroll(): void {
    const scroller = this.#scroller;
    if (!scroller || scroller.clientHeight === 0) return;
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    const isAtEnd = below <= endPixels || scroller.scrollTop === this.#askedAt;
    this.#anchor = isAtEnd ? undefined : this.#firstVisible(scroller);
    const spot = this.#anchor;
    if (spot?.id !== this.spot?.id || spot?.offset !== this.spot?.offset) gesture(this, { type: 'scrolled', spot });
    this.#wantPages(scroller, below);
  }

  #wantPages(scroller: HTMLElement, below: number): void {
    const { older, newer, loading, error } = this.transcript;
    if (loading !== undefined || error !== undefined) return;
    if (scroller.scrollTop < pageAheadPixels && older !== undefined)
      gesture(this, { type: 'page-wanted', kind: 'older' });
    else if (below < pageAheadPixels && newer.length > 0) gesture(this, { type: 'page-wanted', kind: 'newer' });
  }

  /** Runs after layout and before paint, so that nothing is seen to jump. */
  #keepPlace(): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    const anchor = this.#anchor;
    const element =
      anchor &&
      [...this.renderRoot.querySelectorAll<HTMLElement>('sw-message')].find(
        ({ dataset }) => dataset['id'] === anchor.id,
      );
    if (anchor && !element) return;
    if (!element || !anchor) this.#scrollToEnd(scroller);
    else scroller.scrollTop += topWithin(element, scroller) - anchor.offset;
    this.#wantPages(scroller, scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight);
  }

  /** To the last line, or to the beginning of what is asked above it: nobody decides about the end of a question. */
  #scrollToEnd(scroller: HTMLElement): void {
    scroller.scrollTop = scroller.scrollHeight;
    const last = [...this.renderRoot.querySelectorAll<HTMLElement>('sw-message')].at(-1);
    const asked = last?.shadowRoot?.querySelector<HTMLElement>('sw-approval');
    const top = asked ? topWithin(asked, scroller) - aboveAsked : 0;
    if (top < 0) scroller.scrollTop += top;
    this.#askedAt = top < 0 ? scroller.scrollTop : undefined;
  }

  #firstVisible(scroller: HTMLElement): Spot | undefined {
    for (const message of this.renderRoot.querySelectorAll<HTMLElement>('sw-message')) {
      const offset = topWithin(message, scroller);
      if (offset + message.offsetHeight > 0) return { id: message.dataset['id'] ?? '', offset };
    }
    return undefined;
  }

  get #scroller(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.scroller');
  }
}

function isSamePlace({ uri, range }: Attachment, other: Attachment | undefined): boolean {
  return (
    uri === other?.uri && range?.start.line === other.range?.start.line && range?.end.line === other.range?.end.line
  );
}

function topWithin(element: HTMLElement, scroller: HTMLElement): number {
  return element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
}

customElements.define('sw-transcript', TranscriptView);
