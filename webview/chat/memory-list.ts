// <sw-memories>: everything that is remembered, to see, edit, switch off and delete; what is proposed; and a field for more.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Memory } from '../../shared/protocol/memories.ts';
import { styles } from '../element.ts';
import { formatAge } from '../format.ts';
import { icons } from '../icons.ts';
import { plural, t } from '../words.ts';
import { gesture } from './gesture.ts';
import memoryStyles from './memories.css';
import { scopeLabel } from './state/memories.ts';
import type { MemoryDeed } from './state/messages.ts';
import { type MemoriesState, noMemories } from './state/state.ts';

export class MemoryList extends LitElement {
  static override styles = styles(memoryStyles);
  static override properties = { memories: { attribute: false }, doing: { state: true } };
  declare memories: MemoriesState;
  declare doing: { memoryId: string; what: 'edit' | 'delete' } | undefined;

  constructor() {
    super();
    this.memories = noMemories;
  }

  override render(): TemplateResult {
    const { items, isLoaded, sought } = this.memories;
    const proposed = items.filter(({ state }) => state === 'proposed');
    const accepted = items.filter(({ state }) => state === 'accepted').toReversed();
    const used = accepted.filter(({ id }) => sought.includes(id));
    const gone = isLoaded ? sought.length - used.length : 0;
    return html`<section class="memories" role="dialog" aria-label=${t('Memories')}>
      <header>
        <h1>${t('Memories')}</h1>
        <button class="quiet square" aria-label=${t('Close')} title=${t('Close')} @click=${() => gesture(this, { type: 'panel-toggled', panel: 'memories', open: false })}>${icons.close}</button>
      </header>
      <p class="detail">${t('Memories are added to every question, whichever model answers.')}</p>
      ${this.#add()}
      <div class="groups">
        ${isLoaded ? nothing : html`<div class="edge"><vscode-progress-ring></vscode-progress-ring></div>`}
        ${this.#group(t('Proposed'), proposed)}
        ${sought.length > 0 ? html`${this.#group(t('Used for that answer'), used)}${gone > 0 ? html`<p class="empty">${plural(gone, ['{0} of them was deleted.', '{0} of them were deleted.'])}</p>` : nothing}` : nothing}
        ${this.#group(
          sought.length > 0 ? t('Others') : t('Remembered'),
          accepted.filter(({ id }) => !sought.includes(id)),
        )}
        ${isLoaded && items.length === 0 ? html`<p class="empty">${t('Nothing is remembered yet. Write a fact above, or say “remember that …” in a chat.')}</p>` : nothing}
      </div>
    </section>`;
  }

  protected override firstUpdated(): void {
    this.#focusField();
  }

  protected override updated(): void {
    this.renderRoot.querySelector<HTMLElement>('[data-focus]')?.focus();
  }

  #add(): TemplateResult {
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      const form = event.currentTarget as HTMLFormElement;
      const { text, scope } = readForm(form);
      if (text === '') return;
      form.reset();
      this.#deed({ kind: 'add', text, scope });
    };
    return html`<form class="add" aria-label=${t('Add a memory')} @submit=${submit}>
      <input class="field" name="text" aria-label=${t('A fact to remember')} placeholder=${t('We use tabs; tests live in test/')} maxlength="500" autocomplete="off" />
      ${this.#scope('profile')}
      <button class="primary" type="submit">${t('Add')}</button>
    </form>`;
  }

  #scope(scope: Memory['scope']): TemplateResult | typeof nothing {
    const { project } = this.memories;
    if (project === undefined && scope === 'profile') return nothing;
    return html`<select class="field scope" name="scope" aria-label=${t('Where it holds')}>
      <option value="profile" ?selected=${scope === 'profile'}>${t('everywhere')}</option>
      <option value="project" ?selected=${scope === 'project'}>${project ? t('in {0}', project) : t('in its project')}</option>
    </select>`;
  }

  #group(title: string, memories: readonly Memory[]): TemplateResult | typeof nothing {
    if (memories.length === 0) return nothing;
    return html`<h2>${title}</h2>
      <ul aria-label=${title}>
        ${repeat(
          memories,
          ({ id }) => id,
          (memory) => html`<li class=${memory.enabled ? '' : 'off'}>${this.#row(memory)}</li>`,
        )}
      </ul>`;
  }

  #row(memory: Memory): TemplateResult {
    const doing = this.doing?.memoryId === memory.id ? this.doing.what : undefined;
    if (doing === 'edit') return this.#editor(memory);
    if (doing === 'delete') return this.#confirm(memory);
    const { id: memoryId, text, state, enabled } = memory;
    return html`
      ${
        state === 'accepted'
          ? html`<input type="checkbox" role="switch" .checked=${enabled} aria-label=${t('Use “{0}”', text)} title=${enabled ? t('Used') : t('Not used')}
            @change=${() => this.#deed({ kind: 'update', memoryId, enabled: !enabled })} />`
          : nothing
      }
      <div class="what"><p class="fact">${text}</p><p class="detail">${this.#facts(memory)}</p></div>
      <span class="tools">
        ${
          state === 'proposed'
            ? html`<button class="quiet square" aria-label=${t('Accept “{0}”', text)} title=${t('Accept')} @click=${() => this.#deed({ kind: 'accept', memoryId })}>${icons.check}</button>
              <button class="quiet square" aria-label=${t('Dismiss “{0}”', text)} title=${t('Dismiss')} @click=${() => this.#deed({ kind: 'dismiss', memoryId })}>${icons.close}</button>`
            : html`<button class="quiet square" aria-label=${t('Edit “{0}”', text)} title=${t('Edit')} @click=${() => this.#do({ memoryId, what: 'edit' })}>${icons.edit}</button>
              <button class="quiet square" aria-label=${t('Delete “{0}”', text)} title=${t('Delete')} @click=${() => this.#do({ memoryId, what: 'delete' })}>${icons.trash}</button>`
        }
      </span>
    `;
  }

  #facts({ createdAt, lastUsedAt, uses, source, state, ...memory }: Memory): (TemplateResult | string)[] {
    const now = Date.now();
    const use =
      uses === 0 || lastUsedAt === undefined
        ? t('never used')
        : plural(uses, ['used {0} time, last {1}', 'used {0} times, last {1}'], formatAge(lastUsedAt, now));
    const from =
      source &&
      html` · <button class="link" @click=${() => gesture(this, { type: 'chat-chosen', chatId: source.chatId })}>${t('its chat')}</button>`;
    return [
      `${scopeLabel(memory)} · ${state === 'accepted' ? use : t('said {0}', formatAge(createdAt, now))}`,
      ...(from ? [from] : []),
    ];
  }

  #editor({ id: memoryId, text, scope }: Memory): TemplateResult {
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      const given = readForm(event.currentTarget as HTMLFormElement);
      if (given.text === '') return;
      this.doing = undefined;
      this.#focusField();
      this.#deed({
        kind: 'update',
        memoryId,
        ...(given.text !== text && { text: given.text }),
        ...(given.scope !== scope && { scope: given.scope }),
      });
    };
    return html`<form class="edit" aria-label=${t('Edit the memory')} @submit=${submit} @keydown=${this.#onEscape}>
      <input class="field" data-focus name="text" aria-label=${t('What to remember')} maxlength="500" .value=${text} />
      ${this.#scope(scope)}
      <span class="row"><button class="primary" type="submit">${t('Save')}</button><button type="button" class="quiet" @click=${this.#stop}>${t('Cancel')}</button></span>
    </form>`;
  }

  #confirm({ id: memoryId, text }: Memory): TemplateResult {
    const confirm = (): void => {
      this.doing = undefined;
      this.#focusField();
      this.#deed({ kind: 'delete', memoryId });
    };
    return html`<div class="confirm" role="alertdialog" aria-label=${t('Delete “{0}”?', text)} @keydown=${this.#onEscape}>
      <span class="fact">${t('Delete “{0}”?', text)}</span>
      <span class="row"><vscode-button data-focus @click=${confirm}>${t('Delete')}</vscode-button><vscode-button appearance="secondary" @click=${this.#stop}>${t('Keep')}</vscode-button></span>
    </div>`;
  }

  /** Moves the focus first, since the focused element may be about to be removed. */
  #focusField(): void {
    this.renderRoot.querySelector<HTMLElement>('.add .field')?.focus();
  }

  #deed(deed: MemoryDeed): void {
    gesture(this, { type: 'memory-deed', deed });
  }

  #do(doing: MemoryList['doing']): void {
    this.doing = doing;
  }

  #stop(): void {
    this.doing = undefined;
  }

  #onEscape(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    this.doing = undefined;
  }
}

function readForm(form: HTMLFormElement): { text: string; scope: Memory['scope'] } {
  const data = new FormData(form);
  return {
    text: String(data.get('text') ?? '').trim(),
    scope: data.get('scope') === 'project' ? 'project' : 'profile',
  };
}

customElements.define('sw-memories', MemoryList);
