// <sw-chat-list>: all chats, the most recent first: search by title, open, rename, export, delete.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Chat } from '../../shared/protocol/chat.ts';
import { fieldValue, styles } from '../element.ts';
import { formatAge } from '../format.ts';
import { icons } from '../icons.ts';
import { plural, t } from '../words.ts';
import { gesture } from './gesture.ts';
import panelStyles from './panels.css';

/** What is being done to one of the chats. */
type RowEdit = { chatId: string; what: 'rename' | 'delete' } | undefined;

export class ChatList extends LitElement {
  static override styles = styles(panelStyles);
  static override properties = {
    chats: { attribute: false },
    search: { attribute: false },
    chatId: { attribute: false },
    hasMore: { attribute: false },
    isLoading: { attribute: false },
    canExport: { attribute: false },
    hasHistory: { attribute: false },
    waiting: { attribute: false },
    doing: { state: true },
  };
  declare chats: readonly Chat[];
  declare search: string;
  declare chatId: string | undefined;
  declare hasMore: boolean;
  declare isLoading: boolean;
  declare canExport: boolean;
  declare hasHistory: boolean;
  /** Chats with a run that waits for the user. */
  declare waiting: ReadonlySet<string>;
  declare doing: RowEdit;

  constructor() {
    super();
    this.chats = [];
    this.search = '';
    this.hasMore = false;
    this.isLoading = false;
    this.canExport = false;
    this.hasHistory = false;
    this.waiting = new Set();
  }

  override render(): TemplateResult {
    return html`<section class="chats" role="dialog" aria-label=${t('Chats')}>
      <vscode-text-field aria-label=${t('Search chats by title')} placeholder=${t('Search chats')} .value=${this.search}
        @input=${(event: Event) => gesture(this, { type: 'chats-searched', text: fieldValue(event) })}></vscode-text-field>
      ${
        this.hasHistory
          ? html`<button class="link all" @click=${() => gesture(this, { type: 'action', action: { kind: 'open-history' } })}>${t('All history')}</button>`
          : nothing
      }
      <ul aria-label=${t('Chats')} @scroll=${this.#onScroll} @keydown=${this.#onKeyDown}>
        ${repeat(
          this.chats,
          ({ id }) => id,
          (chat) => this.#row(chat),
        )}
      </ul>
      ${this.isLoading ? html`<div class="edge"><vscode-progress-ring></vscode-progress-ring></div>` : nothing}
      ${this.chats.length === 0 && !this.isLoading ? html`<p class="empty">${this.search ? t('No chat has a title like that.') : t('No chats yet.')}</p>` : nothing}
    </section>`;
  }

  protected override firstUpdated(): void {
    this.#focusSearch();
  }

  protected override updated(): void {
    this.renderRoot.querySelector<HTMLElement>('[data-focus]')?.focus();
  }

  #row(chat: Chat): TemplateResult {
    return html`<li class=${chat.id === this.chatId ? 'current' : ''}>
      ${this.#content(chat)}
    </li>`;
  }

  #content(chat: Chat): TemplateResult {
    if (this.doing?.chatId !== chat.id) return this.#chat(chat);
    return this.doing.what === 'rename' ? this.#rename(chat) : this.#delete(chat);
  }

  #chat(chat: Chat): TemplateResult {
    const { id: chatId, title, updatedAt, messageCount } = chat;
    const waits = this.waiting.has(chatId) ? `${t('Waiting for you')} · ` : '';
    const detail = `${waits}${formatAge(updatedAt, Date.now())} · ${plural(messageCount, ['{0} message', '{0} messages'])}`;
    return html`
      <button class="chat" aria-current=${chatId === this.chatId} @click=${() => gesture(this, { type: 'chat-chosen', chatId })}>
        <span class="name">${title || t('Untitled')}</span><span class="detail ${waits ? 'waits' : ''}">${detail}</span>
      </button>
      <span class="tools">
        <button class="quiet square" aria-label=${t('Rename {0}', title)} title=${t('Rename')} @click=${() => this.#do({ chatId, what: 'rename' })}>${icons.edit}</button>
        ${
          this.canExport
            ? html`<button class="quiet square" aria-label=${t('Export {0}', title)} title=${t('Export as Markdown')} @click=${() => gesture(this, { type: 'chat-exported', chatId, title })}>${icons.save}</button>`
            : nothing
        }
        <button class="quiet square" aria-label=${t('Delete {0}', title)} title=${t('Delete')} @click=${() => this.#do({ chatId, what: 'delete' })}>${icons.trash}</button>
      </span>
    `;
  }

  #rename({ id: chatId, title }: Chat): TemplateResult {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Enter') {
        this.doing = undefined;
        gesture(this, { type: 'chat-renamed', chatId, title: fieldValue(event) });
      } else if (event.key === 'Escape') this.#stopDoing(event);
    };
    return html`<input class="field" data-focus aria-label=${t('New title')} maxlength="500" .value=${title} @keydown=${onKeyDown} @blur=${this.#stopDoing} />`;
  }

  #delete({ id: chatId, title }: Chat): TemplateResult {
    const confirm = (): void => {
      this.doing = undefined;
      this.#focusSearch(); // the focused element is about to be removed
      gesture(this, { type: 'chat-deleted', chatId });
    };
    return html`<div class="confirm" role="alertdialog" aria-label=${t('Delete {0}?', title)} @keydown=${(event: KeyboardEvent) => event.key === 'Escape' && this.#stopDoing(event)}>
      <span class="name">${t('Delete “{0}”?', title || t('Untitled'))}</span>
      <span class="row">
        <vscode-button data-focus @click=${confirm}>${t('Delete')}</vscode-button>
        <vscode-button appearance="secondary" @click=${this.#stopDoing}>${t('Keep')}</vscode-button>
      </span>
    </div>`;
  }

  #focusSearch(): void {
    this.renderRoot.querySelector<HTMLElement>('vscode-text-field')?.focus();
  }

  #do(doing: RowEdit): void {
    this.doing = doing;
  }

  #stopDoing(event: Event): void {
    event.preventDefault();
    this.doing = undefined;
  }

  #onScroll({ currentTarget }: Event): void {
    if (!(currentTarget instanceof HTMLElement) || !this.hasMore) return;
    const below = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight;
    if (below < currentTarget.clientHeight) gesture(this, { type: 'chats-wanted' });
  }

  /** Arrows go from chat to chat; Tab goes to what can be done with one. */
  #onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>('button.chat')];
    const from = rows.findIndex((row) => row.closest('li')?.contains(event.target as Node));
    rows[from + step]?.focus();
  }
}

customElements.define('sw-chat-list', ChatList);
