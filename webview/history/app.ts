// <sw-history>: the whole view. Shows the state it is given, and hands every gesture up as an event; holds nothing itself.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { loadBundle } from '../bundle.ts';
import { fieldValue, styles } from '../element.ts';
import { shownBytes } from '../format.ts';
import { icons } from '../icons.ts';
import { plural, t } from '../words.ts';
import { entry } from './entry.ts';
import { filterBar } from './filter-bar.ts';
import { gesture } from './gesture.ts';
import historyStyles from './history.css';
import type { Gesture } from './state/messages.ts';
import './preview.ts';
import type { RowSource, Rows as RowsView } from './scroller.ts';
import { type Row, type Rows, rememberRows } from './state/rows.ts';
import { transferBar, transferButtons } from './transfer-bar.ts';
import './scroller.ts';
import { initialState, isSearching, type State } from './state/state.ts';

const rowHeight = 52;
const warmAfterMs = 200; // the bundle that renders answers is loaded this long after the first rows, before one is chosen
const taken = (bytes: number): string => (bytes === 0 ? t('none') : shownBytes(bytes));

export class HistoryApp extends LitElement {
  static override styles = styles(historyStyles);
  static override properties = { state: { attribute: false } };
  declare state: State;

  readonly #rows = rememberRows();
  #isWarm = false;
  #shown: { rows: readonly Row[]; renaming: string | undefined; canExport: boolean } | undefined;
  #source: RowSource = { count: 0, key: String, render: () => html`` };

  constructor() {
    super();
    this.state = initialState;
  }

  override render(): TemplateResult {
    const { state } = this;
    const found = this.#rows(state);
    const index = found.rows.findIndex(({ key }) => key === state.chosen);
    return html`
      <div class="view ${state.isReading ? 'reading' : ''}" @keydown=${this.#onKeyDown}>
        ${this.#banner()}
        <div class="search">
          <input class="field" type="search" aria-label=${t('Search chats and reviews')} placeholder=${t('Search all chats and reviews: words, “phrases”, -without')} spellcheck="false" .value=${state.filters.query}
            @input=${(event: Event) => gesture(this, { type: 'filtered', filters: { query: fieldValue(event) }, now: Date.now() })} />
          ${filterBar(state, this)} ${transferButtons(state, this)}
        </div>
        <main>
          <section class="list" aria-busy=${found.isLoading}>
            ${state.notes.map((note) => html`<p class="hint note">${note}</p>`)}
            <sw-rows .source=${this.#sourceOf(found.rows)} .rowHeight=${rowHeight} .chosen=${index < 0 ? undefined : index} .label=${t('Chats and reviews')}
              @near-end=${() => gesture(this, { type: 'more-wanted' })}></sw-rows>
            ${found.rows.length === 0 ? html`<p class="hint nothing">${this.#nothing(found)}</p>` : nothing}
          </section>
          <sw-preview .row=${found.rows[index]} .preview=${state.preview} .actions=${state.actions} .now=${state.now}></sw-preview>
        </main>
        ${this.#undo()} ${transferBar(this.state, this)} ${this.#footer(found)}
        <div class="unseen" role="status" aria-live="polite">${state.announcement}</div>
      </div>
    `;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get('state');
    if (this.#source.count > 0 && !this.#isWarm) {
      this.#isWarm = true;
      setTimeout(() => loadBundle('history-answers.js'), warmAfterMs);
    }
    if (this.state.renaming !== undefined && this.state.renaming !== before?.renaming) void this.#focusName();
    if (before !== undefined && before.renaming !== undefined && this.state.renaming === undefined) this.#list?.focus();
  }

  protected override firstUpdated(): void {
    requestAnimationFrame(() => this.#field?.focus()); // at once it would lay out a page that is about to change
  }

  get #list(): RowsView | null {
    return this.renderRoot.querySelector<RowsView>('.list sw-rows');
  }

  get #field(): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>('input[type="search"]');
  }

  async #focusName(): Promise<void> {
    await this.#list?.updateComplete;
    const field = this.#list?.renderRoot.querySelector<HTMLInputElement>('[data-focus]');
    field?.focus();
    field?.select();
  }

  /** Another source only when rows would look different: the scroller then renders what is in view. */
  #sourceOf(rows: readonly Row[]): RowSource {
    const { renaming, actions } = this.state;
    const canExport = actions.includes('save-export');
    const shown = this.#shown;
    if (shown && shown.rows === rows && shown.renaming === renaming && shown.canExport === canExport)
      return this.#source;
    this.#shown = { rows, renaming, canExport };
    const render = (index: number): TemplateResult => {
      const row = rows[index];
      return row
        ? entry(row, {
            host: this,
            now: this.state.now,
            isRenaming: renaming !== undefined && row.chatId === renaming,
            canExport,
          })
        : html``;
    };
    this.#source = { count: rows.length, key: (index) => rows[index]?.key ?? String(index), render };
    return this.#source;
  }

  #banner(): TemplateResult | typeof nothing {
    const { connection, problem } = this.state;
    if (problem !== undefined) {
      return html`<div class="banner problem" role="alert">${icons.error}<span>${problem}</span>
        <button class="quiet square" aria-label=${t('Dismiss')} @click=${() => gesture(this, { type: 'problem-dismissed' })}>${icons.close}</button></div>`;
    }
    if (connection.state === 'connected') return nothing;
    const text = {
      connecting: t('Connecting to Switchyard…'),
      reconnecting: t('Reconnecting to Switchyard…'),
      lost: t("Can't connect to Switchyard."),
    }[connection.state];
    return html`<div class="banner" role="status"><span>${text} ${connection.detail ?? ''}</span></div>`;
  }

  #nothing({ isLoading, more }: Rows): TemplateResult | string {
    const { filters, problem } = this.state;
    if (isLoading || more) return isSearching(this.state) ? t('Searching …') : t('Loading …');
    if (problem !== undefined)
      return html`<button class="link" @click=${() => gesture(this, { type: 'reload-wanted', now: Date.now() })}>${t('Try again')}</button>`;
    if (isSearching(this.state)) return t('No results. Try other words or fewer filters.');
    if (filters.kind === 'deleted') return t('No chats were deleted in the last day.');
    return filters.days > 0 || filters.projectId || filters.language || filters.kind !== 'all'
      ? t('No matches for these filters.')
      : t('No chats or reviews yet.');
  }

  #undo(): TemplateResult | typeof nothing {
    const last = this.state.undoable.at(-1);
    if (!last) return nothing;
    const others = this.state.undoable.length - 1;
    return html`<div class="undo" role="alert">
      <span class="name">${t('Deleted “{0}”{1}. It can be brought back for a day.', last.title || t('Untitled'), others > 0 ? t(' and {0} more', others) : '')}</span>
      <button class="primary" @click=${() => gesture(this, { type: 'undone' })}>${t('Undo')}</button>
      <button class="quiet square" aria-label=${t('Dismiss')} title=${t('Dismiss')} @click=${() => gesture(this, { type: 'undo-dismissed' })}>${icons.close}</button>
    </div>`;
  }

  #footer({ rows, more }: Rows): TemplateResult {
    const { disk, filters, deleted } = this.state;
    const count = more ? t('{0}+ entries', rows.length) : plural(rows.length, ['{0} entry', '{0} entries']);
    return html`<footer>
      <span class="count">${count}</span>
      ${
        filters.kind === 'deleted' && deleted.items.length > 0
          ? html`<button class="link" @click=${() => gesture(this, { type: 'purged', chatId: undefined })}>${t('Permanently delete all')}</button>`
          : nothing
      }
      ${
        disk
          ? html`<span class="disk" title=${t("On this machine's disk")}>${t('Database {0} · backups {1} · models {2} · logs {3}', taken(disk.database), taken(disk.backups), taken(disk.models), taken(disk.logs))}</span>`
          : nothing
      }
    </footer>`;
  }

  #onKeyDown(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    const wanted = event.key === 'Escape' ? this.#escape() : this.#gestureOf(event);
    if (!wanted) return;
    event.preventDefault();
    gesture(this, wanted);
    if (event.key === 'Escape') this.#field?.focus();
  }

  /** The arrows go through the list from the field, too; what changes something needs the list. */
  #gestureOf(event: KeyboardEvent): Gesture | undefined {
    const path = event.composedPath();
    const isInField = path[0] === this.#field;
    if (!isInField && !path.some((target) => target === this.#list)) return undefined;
    const { chosen, preview } = this.state;
    const page = this.#list?.pageRows ?? 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      ...(isInField ? {} : { Home: -this.#source.count, End: this.#source.count }),
    };
    const by = steps[event.key];
    if (by !== undefined) return { type: 'moved', by };
    if (chosen === undefined) return undefined;
    if (event.key === 'Enter') return { type: 'opened', key: chosen };
    if (isInField) return undefined;
    if (event.key === 'Delete' || (event.key === 'Backspace' && event.metaKey)) return { type: 'deleted', key: chosen };
    if (event.key === 'F2' && preview?.chatId) return { type: 'rename-begun', chatId: preview.chatId };
    return event.key === 'z' && (event.ctrlKey || event.metaKey) ? { type: 'undone' } : undefined;
  }

  /** From the inside out: the preview where it covers the list, then the query. */
  #escape(): Gesture | undefined {
    const { isReading, filters } = this.state;
    if (isReading && this.renderRoot.querySelector<HTMLElement>('.list')?.offsetParent === null)
      return { type: 'reading-ended' };
    return filters.query === '' ? undefined : { type: 'filtered', filters: { query: '' }, now: Date.now() };
  }
}

customElements.define('sw-history', HistoryApp);

declare global {
  interface HTMLElementTagNameMap {
    'sw-history': HistoryApp;
  }
}
