// <sw-message>: one message: a question with its attachments, or an answer with what is to be known about it.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { formatUsd } from '../../shared/usd.ts';
import type { Decision } from '../../shared/protocol/chat.ts';
import type { HostActionKind } from '../../shared/webview.ts';
import { attachmentLabel, formatSeconds, formatUsage } from '../format.ts';
import type { Entry } from '../state/transcript.ts';
import { gesture, styles } from './gesture.ts';
import { icons } from './icons.ts';
import './markdown-view.ts';
import messageStyles from './message.css';

const statusLabels = { partial: 'Incomplete', cancelled: 'Stopped', failed: 'Failed', streaming: undefined, complete: undefined };

export class MessageView extends LitElement {
  static override styles = styles(messageStyles);
  static override properties = {
    entry: { attribute: false }, actions: { attribute: false }, canRetry: { attribute: false }, isExplained: { state: true },
  };
  declare entry: Entry;
  declare actions: readonly HostActionKind[];
  declare canRetry: boolean;
  declare isExplained: boolean;

  constructor() {
    super();
    this.actions = [];
    this.canRetry = false;
    this.isExplained = false;
  }

  override render(): TemplateResult {
    return this.entry.role === 'user' ? this.#question() : this.#answer();
  }

  #question(): TemplateResult {
    const { text, attachments } = this.entry;
    return html`<article class="question" aria-label="You">
      <div class="text">${text}</div>
      ${attachments?.length ? html`<div class="chips">${attachments.map((attachment) => this.#chip(attachment))}</div>` : nothing}
    </article>`;
  }

  #chip(attachment: NonNullable<Entry['attachments']>[number]): TemplateResult {
    const { uri, range, kind } = attachment;
    const canOpen = this.actions.includes('open-attachment');
    const open = (): void => gesture(this, { type: 'action', action: { kind: 'open-attachment', uri, ...(range && { range }) } });
    return html`<button class="chip" title=${uri} ?disabled=${!canOpen} @click=${open}>
      ${kind === 'file' ? icons.file : icons.selection}<span class="name">${attachmentLabel(attachment)}</span>
    </button>`;
  }

  #answer(): TemplateResult {
    const { text, reasoning, notes, status, error } = this.entry;
    const isStreaming = status === 'streaming';
    return html`<article class="answer" aria-label="Answer" aria-busy=${isStreaming}>
      ${reasoning ? html`<details class="reasoning"><summary>Reasoning</summary><div class="text">${reasoning}</div></details>` : nothing}
      ${text ? html`<sw-markdown .text=${text} .isStreaming=${isStreaming} .actions=${this.actions}></sw-markdown>` : nothing}
      ${isStreaming && !text ? html`<div class="waiting"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${this.#waitingFor()}</div>` : nothing}
      ${notes?.map((note) => html`<p class="note">${note}</p>`)} ${error ? this.#error(error) : nothing}
      ${isStreaming ? nothing : this.#about()}
    </article>`;
  }

  #waitingFor(): string {
    const { decision, reasoning } = this.entry;
    if (!decision) return 'Choosing a model …';
    return reasoning ? `${decision.model} is thinking …` : `Waiting for ${decision.model} …`;
  }

  #error(error: NonNullable<Entry['error']>): TemplateResult {
    const isUnconfigured = error.code === 'no-model';
    const isAboutKey = error.code === 'auth' && this.actions.includes('set-key') && this.entry.decision !== undefined;
    const setKey = (): void => gesture(this, { type: 'action', action: { kind: 'set-key', provider: this.entry.decision?.provider ?? '' } });
    const open = (panel: 'setup' | 'models') => (): void => gesture(this, { type: 'panel-toggled', panel, open: true });
    return html`<div class="error" role="alert">
      ${icons.error}
      <div>
        <p>${error.message}</p>
        <div class="row">
          ${this.canRetry ? html`<vscode-button @click=${this.#retry}>Try again</vscode-button>` : nothing}
          ${isUnconfigured
            ? html`<vscode-button appearance="secondary" @click=${open('setup')}>Set up a model</vscode-button>`
            : html`<vscode-button appearance="secondary" @click=${open('models')}>Choose another model</vscode-button>`}
          ${isAboutKey ? html`<vscode-button appearance="secondary" @click=${setKey}>Set the key</vscode-button>` : nothing}
        </div>
      </div>
    </div>`;
  }

  /** The quiet line under an answer. What it says of the model is read from the decision's record. */
  #about(): TemplateResult {
    const { decision, usage, cost, durationMs, status, finishReason } = this.entry;
    const label = finishReason === 'length' ? 'Cut at the length limit' : finishReason === 'content-filter' ? 'Withheld by the provider' : statusLabels[status];
    return html`
      <footer>
        ${label ? html`<span class="status ${status}">${label}</span>` : nothing}
        ${decision
          ? html`<button class="model" title=${decision.reason} aria-expanded=${this.isExplained} @click=${this.#explain}>${decision.model}</button>`
          : nothing}
        ${usage ? html`<span title="Tokens in and out">${formatUsage(usage)}</span>` : nothing}
        ${cost === undefined ? nothing : html`<span title="Cost by the provider's price">${formatUsd(cost)}</span>`}
        ${durationMs === undefined ? nothing : html`<span title="Time">${formatSeconds(durationMs)}</span>`}
        <span class="tools">
          ${this.entry.text
            ? html`<button class="quiet square" aria-label="Copy answer" title="Copy answer" @click=${this.#copy}>${icons.copy}</button>`
            : nothing}
          ${this.canRetry && !this.entry.error
            ? html`<button class="quiet square" aria-label="Try again" title="Try again" @click=${this.#retry}>${icons.retry}</button>`
            : nothing}
        </span>
      </footer>
      ${decision && this.isExplained ? why(decision) : nothing}
    `;
  }

  #explain(): void {
    this.isExplained = !this.isExplained;
  }

  #copy(): void {
    gesture(this, { type: 'action', action: { kind: 'copy', text: this.entry.text } });
  }

  #retry(): void {
    gesture(this, { type: 'retry', key: this.entry.key, at: Date.now() });
  }
}

function why({ reason, alternatives, confidence, estimatedCost }: Decision): TemplateResult {
  return html`<dl class="why">
    <dt>Why</dt><dd>${reason}</dd>
    ${alternatives.length > 0 ? html`<dt>Instead of</dt><dd>${alternatives.join(', ')}</dd>` : nothing}
    <dt>Confidence</dt><dd>${Math.round(confidence * 100)} %</dd>
    <dt>Estimated cost</dt><dd>${estimatedCost === undefined ? 'unknown' : `$${estimatedCost.toFixed(4)}`}</dd>
  </dl>`;
}

customElements.define('sw-message', MessageView);
