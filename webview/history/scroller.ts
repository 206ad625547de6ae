// <sw-rows>: a list of any length of which only the rows in view are in the page. Rows are of one height, or measured as they come.
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { styles } from '../element.ts';
import { Heights } from './heights.ts';
import rowStyles from './rows.css';

export interface RowSource {
  readonly count: number;
  key(index: number): string;
  render(index: number): TemplateResult;
}

/** Rows beyond the edges that are kept ready; measured ones cost more to render. */
const ahead = { fixed: 6, measured: 2 };
/** This near to an end, in rows, more is asked for. */
const nearEnd = { fixed: 100, measured: 12 };

export class Rows extends LitElement {
  static override styles = styles(rowStyles);
  static override properties = {
    source: { attribute: false },
    rowHeight: { attribute: false },
    isMeasured: { attribute: false },
    chosen: { attribute: false },
    seek: { attribute: false },
    label: { attribute: false },
  };
  declare source: RowSource;
  /** In pixels: of every row, or of a measured one until it is measured. */
  declare rowHeight: number;
  declare isMeasured: boolean;
  /** Index of the chosen row. */
  declare chosen: number | undefined;
  /** The row to bring into view when it changes: its key, or `end` and what tells one end from another. */
  declare seek: string | undefined;
  declare label: string;

  readonly #heights = new Heights();
  readonly #resized = new ResizeObserver((entries) => this.#measure(entries));
  readonly #observed = new Set<Element>();
  #first = 0;
  #last = 0;
  /** What is being brought into view, until the reader scrolls. */
  #seeking: string | undefined;
  /** Where seeking last scrolled to. */
  #soughtTop = 0;
  #isLooking = false;

  constructor() {
    super();
    this.source = { count: 0, key: String, render: () => html`` };
    this.rowHeight = 50;
    this.isMeasured = false;
    this.label = '';
  }

  override render(): TemplateResult {
    const { count } = this.source;
    const indexes = Array.from({ length: Math.max(0, this.#last - this.#first) }, (_, place) => this.#first + place);
    const active =
      this.chosen !== undefined && this.chosen >= this.#first && this.chosen < this.#last ? `row-${this.chosen}` : '';
    const row = (index: number): TemplateResult => html`<div
      class="row-box ${this.isMeasured ? '' : 'fixed'}" id="row-${index}" data-index=${index} role=${this.isMeasured ? 'listitem' : 'option'} aria-posinset=${index + 1} aria-setsize=${count}
      aria-selected=${this.isMeasured ? 'false' : index === this.chosen}
    >${this.source.render(index)}</div>`;
    return html`<div class="scroller" role=${this.isMeasured ? 'list' : 'listbox'} tabindex="0" aria-label=${this.label} aria-activedescendant=${active}
      @scroll=${this.#onScroll} @wheel=${this.#onReader} @pointerdown=${this.#onReader} @keydown=${this.#onReader}>
      <div class="space above"></div>
      ${repeat(indexes, (index) => this.source.key(index), row)}
      <div class="space below"></div>
    </div>`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('source') || changed.has('rowHeight'))
      this.#heights.begin({ keys: this.source, estimate: this.rowHeight, isMeasured: this.isMeasured });
    if (changed.has('seek')) this.#seeking = this.seek;
    this.#look();
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { count } = this.source;
    this.#space('.above', this.#heights.before(this.#first));
    this.#space('.below', this.#heights.before(count) - this.#heights.before(this.#last));
    if (this.isMeasured) this.#observe();
    if (changed.has('chosen') && this.chosen !== undefined) this.#bringNear(this.chosen);
    this.#bringSought();
    this.#lookAgain();
    this.#wantMore();
  }

  protected override firstUpdated(): void {
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
    this.#observed.clear();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#resized.observe(this);
  }

  override focus(): void {
    this.#scroller?.focus();
  }

  /** Rows that fit into the view. */
  get pageRows(): number {
    return Math.max(1, Math.floor((this.#scroller?.clientHeight ?? 0) / this.rowHeight) - 1);
  }

  get #scroller(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.scroller');
  }

  /** Computes which rows are in view; says whether they differ from those in the page. */
  #look(): boolean {
    const { count } = this.source;
    const scroller = this.#scroller;
    const [top, height] = [scroller?.scrollTop ?? 0, scroller?.clientHeight || 800];
    const margin = this.isMeasured ? ahead.measured : ahead.fixed;
    const first = Math.max(0, Math.min(this.#heights.at(top), count) - margin);
    const last = Math.min(count, this.#heights.at(top + height) + 1 + margin);
    const isSame = first === this.#first && last === this.#last;
    this.#first = first;
    this.#last = last;
    return !isSame;
  }

  /** Runs once a frame. Rows are measured first, since what was laid out meanwhile may have moved what is in view. */
  #lookAgain(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    requestAnimationFrame(() => {
      this.#isLooking = false;
      if (this.#look()) this.requestUpdate();
    });
  }

  #onScroll(): void {
    const scroller = this.#scroller;
    // A scroll bar or a screen reader moved the view: going far from what is sought is the reader's wish.
    if (scroller && Math.abs(scroller.scrollTop - this.#soughtTop) > scroller.clientHeight) this.#seeking = undefined;
    if (this.#look()) this.requestUpdate();
    else this.#wantMore();
  }

  #onReader(): void {
    this.#seeking = undefined;
  }

  #wantMore(): void {
    const margin = this.isMeasured ? nearEnd.measured : nearEnd.fixed;
    if (this.#last >= this.source.count - margin) this.dispatchEvent(new CustomEvent('near-end'));
    if (this.#first <= margin) this.dispatchEvent(new CustomEvent('near-start'));
  }

  #space(which: string, pixels: number): void {
    const space = this.renderRoot.querySelector<HTMLElement>(which);
    if (space) space.style.height = `${pixels}px`; // by the object model: the page's policy allows no style attribute
  }

  #observe(): void {
    const boxes = new Set(this.renderRoot.querySelectorAll('.row-box'));
    for (const box of this.#observed) {
      if (boxes.has(box)) continue;
      this.#resized.unobserve(box);
      this.#observed.delete(box);
    }
    for (const box of boxes) {
      if (this.#observed.has(box)) continue;
      this.#observed.add(box);
      this.#resized.observe(box);
    }
  }

  #measure(entries: readonly ResizeObserverEntry[]): void {
    let isOther = entries.some(({ target }) => target === this);
    for (const { target } of entries) {
      if (!(target instanceof HTMLElement) || target === this || !target.isConnected) continue;
      isOther =
        this.#heights.measured(this.source.key(Number(target.dataset['index'])), target.offsetHeight) || isOther;
    }
    if (isOther) this.requestUpdate();
  }

  /** The chosen row stays in view, with as little scrolling as that takes. */
  #bringNear(index: number): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    const [top, bottom] = [this.#heights.before(index), this.#heights.before(index + 1)];
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
  }

  /** What is sought is kept in the middle while the rows around it are measured. */
  #bringSought(): void {
    const scroller = this.#scroller;
    if (!scroller || this.#seeking === undefined || this.source.count === 0) return;
    if (this.#seeking.startsWith('end')) {
      this.#scrollTo(scroller, scroller.scrollHeight);
      return;
    }
    for (let index = 0; index < this.source.count; index++) {
      if (this.source.key(index) !== this.#seeking) continue;
      const [top, bottom] = [this.#heights.before(index), this.#heights.before(index + 1)];
      // A row taller than the view is read from its beginning.
      this.#scrollTo(scroller, Math.min(top, (top + bottom - scroller.clientHeight) / 2));
      return;
    }
  }

  #scrollTo(scroller: HTMLElement, top: number): void {
    scroller.scrollTop = top;
    this.#soughtTop = scroller.scrollTop;
  }
}

customElements.define('sw-rows', Rows);

declare global {
  interface HTMLElementTagNameMap {
    'sw-rows': Rows;
  }
}
