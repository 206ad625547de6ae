// <sw-composer>: where a question is written: text, attachments, the model, send and stop.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { HostActionKind } from '../../shared/webview.ts';
import { attachmentLabel, splitModelId } from '../format.ts';
import type { Draft, Model } from '../state/state.ts';
import appStyles from './app.css';
import { gesture, styles, fieldValue } from './gesture.ts';
import { icons } from './icons.ts';
import './models/model-picker.ts';

export class Composer extends LitElement {
  static override styles = styles(appStyles);
  static override properties = {
    draft: { attribute: false }, actions: { attribute: false }, models: { attribute: false }, notes: { attribute: false },
    model: { attribute: false }, defaultModel: { attribute: false }, isPicking: { attribute: false }, isBusy: { attribute: false }, canSend: { attribute: false },
  };
  declare draft: Draft;
  declare actions: readonly HostActionKind[];
  declare models: readonly Model[];
  declare notes: readonly string[];
  declare model: string | undefined;
  declare defaultModel: string | undefined;
  declare isPicking: boolean;
  declare isBusy: boolean;
  declare canSend: boolean;

  constructor() {
    super();
    this.draft = { text: '', attachments: [] };
    this.actions = [];
    this.models = [];
    this.notes = [];
    this.isPicking = false;
    this.isBusy = false;
    this.canSend = false;
  }

  focusText(): void {
    this.#textarea?.focus();
  }

  override render(): TemplateResult {
    return html`
      ${this.isPicking ? html`<sw-model-picker .models=${this.models} .notes=${this.notes} .model=${this.model} .defaultModel=${this.defaultModel}></sw-model-picker>` : nothing}
      <div class="box">
        ${this.draft.attachments.length > 0 ? html`<div class="chips">${this.draft.attachments.map((attachment, index) => this.#chip(attachment, index))}</div>` : nothing}
        <textarea
          rows="1" aria-label="Your question" placeholder="Ask about your code" .value=${this.draft.text}
          @input=${this.#onInput} @keydown=${this.#onKeyDown}
        ></textarea>
        <div class="row bar">${this.#attachButtons()} ${this.#modelButton()} ${this.#sendButton()}</div>
      </div>
    `;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('draft')) this.#grow();
    if (changed.has('isPicking') && changed.get('isPicking') && !this.isPicking) this.focusText();
  }

  #chip(attachment: Draft['attachments'][number], index: number): TemplateResult {
    const label = attachmentLabel(attachment);
    return html`<span class="chip" title=${attachment.uri}>
      ${attachment.kind === 'file' ? icons.file : icons.selection}<span class="name">${label}</span>
      <button class="quiet square small" aria-label="Remove ${label}" @click=${() => gesture(this, { type: 'attachment-removed', index })}>${icons.close}</button>
    </span>`;
  }

  #attachButtons(): TemplateResult | typeof nothing {
    if (!this.actions.includes('attach')) return nothing;
    const attach = (what: 'selection' | 'file') => (): void => gesture(this, { type: 'action', action: { kind: 'attach', what } });
    return html`
      <button class="quiet square" aria-label="Attach the selection" title="Attach the selection" @click=${attach('selection')}>${icons.selection}</button>
      <button class="quiet square" aria-label="Attach a file" title="Attach a file" @click=${attach('file')}>${icons.attach}</button>
    `;
  }

  #modelButton(): TemplateResult {
    const model = this.model ?? this.defaultModel;
    const name = model === undefined ? 'Automatic' : splitModelId(model).name;
    const toggle = (): void => gesture(this, { type: 'panel-toggled', panel: 'models', open: !this.isPicking });
    return html`<button
      class="quiet model" aria-haspopup="listbox" aria-expanded=${this.isPicking} title="Model: ${model ?? 'chosen for each question'}" @click=${toggle}
    ><span class="name">${name}</span>${icons.chevron}</button>`;
  }

  #sendButton(): TemplateResult {
    if (this.isBusy) {
      return html`<button class="primary square" aria-label="Stop" title="Stop" @click=${() => gesture(this, { type: 'stop' })}>${icons.stop}</button>`;
    }
    const isEmpty = this.draft.text.trim() === '' && this.draft.attachments.length === 0;
    return html`<button class="primary square" aria-label="Send" title="Send (Enter)" ?disabled=${isEmpty || !this.canSend} @click=${this.#submit}>${icons.send}</button>`;
  }

  #onInput(event: Event): void {
    gesture(this, { type: 'draft-typed', text: fieldValue(event) });
    this.#grow();
  }

  #onKeyDown(event: KeyboardEvent): void {
    // While an input method is composing a word, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit(): void {
    gesture(this, { type: 'submit', at: Date.now() });
  }

  /** As high as its text, up to the limit of the style sheet. */
  #grow(): void {
    const textarea = this.#textarea;
    if (!textarea) return;
    textarea.style.height = 'auto';
    textarea.style.height = `${textarea.scrollHeight}px`;
  }

  get #textarea(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector('textarea');
  }
}

customElements.define('sw-composer', Composer);
