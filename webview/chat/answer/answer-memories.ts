// <sw-answer-memories>: under an answer, what is proposed to be remembered of its question, and which memories it was made with.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Memory } from '../../../shared/protocol/memories.ts';
import { fieldValue, styles } from '../../element.ts';
import { icons } from '../../icons.ts';
import { plural, t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import memoryStyles from '../memories.css';
import { scopeLabel } from '../state/memories.ts';
import type { Entry } from '../state/transcript.ts';

export class AnswerMemories extends LitElement {
  static override styles = styles(memoryStyles);
  static override properties = { entry: { attribute: false }, isEditing: { state: true } };
  declare entry: Entry;
  declare isEditing: boolean;

  constructor() {
    super();
    this.isEditing = false;
  }

  override render(): TemplateResult {
    const used = this.entry.memories ?? this.entry.context?.memories ?? [];
    return html`${this.entry.proposal ? this.#proposal(this.entry.proposal) : nothing} ${used.length > 0 ? this.#used(used) : nothing}`;
  }

  protected override updated(): void {
    this.renderRoot.querySelector<HTMLElement>('[data-focus]')?.focus();
  }

  #used(used: readonly string[]): TemplateResult {
    const show = (): void => gesture(this, { type: 'memories-shown', used });
    return html`<button class="used" title=${t('Show them')} @click=${show}>${icons.memory}${plural(used.length, ['Used {0} memory', 'Used {0} memories'])}</button>`;
  }

  #proposal(memory: Memory): TemplateResult {
    return html`<div class="proposal" role="group" aria-label=${t('Remember this?')}>
      <p class="asks">${icons.memory}<span>${t('Remember this?')}</span><span class="badge">${scopeLabel(memory)}</span></p>
      ${this.isEditing ? this.#editor(memory) : this.#choices(memory)}
    </div>`;
  }

  #choices({ id: memoryId, text }: Memory): TemplateResult {
    const edit = (): void => {
      this.isEditing = true;
    };
    return html`
      <p class="fact">${text}</p>
      <span class="row wrap">
        <vscode-button @click=${() => gesture(this, { type: 'memory-deed', deed: { kind: 'accept', memoryId } })}>${t('Accept')}</vscode-button>
        <vscode-button appearance="secondary" @click=${edit}>${t('Edit')}</vscode-button>
        <vscode-button appearance="secondary" @click=${() => gesture(this, { type: 'memory-deed', deed: { kind: 'dismiss', memoryId } })}>${t('Dismiss')}</vscode-button>
      </span>
    `;
  }

  #editor({ id: memoryId, text }: Memory): TemplateResult {
    const accept = (edited: string): void => {
      if (edited.trim() === '') return;
      this.isEditing = false;
      gesture(this, { type: 'memory-deed', deed: { kind: 'accept', memoryId, text: edited.trim() } });
    };
    const stop = (): void => {
      this.isEditing = false;
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault();
      if (event.key === 'Enter') accept(fieldValue(event));
      else stop();
    };
    const field = (): string => this.renderRoot.querySelector<HTMLInputElement>('.field')?.value ?? '';
    return html`
      <input class="field" data-focus aria-label=${t('What to remember')} maxlength="500" .value=${text} @keydown=${onKeyDown} />
      <span class="row wrap">
        <vscode-button @click=${() => accept(field())}>${t('Accept')}</vscode-button>
        <vscode-button appearance="secondary" @click=${stop}>${t('Cancel')}</vscode-button>
      </span>
    `;
  }
}

customElements.define('sw-answer-memories', AnswerMemories);
