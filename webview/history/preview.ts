// <sw-preview>: what the chosen row is about: its chat, page by page around the message that was found, or what a review found.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Message } from '../../shared/protocol/chat.ts';
import type { Finding } from '../../shared/protocol/review.ts';
import { coverageLines, heldReasons, ruleLines } from '../../shared/review-words.ts';
import type { HostActionKind } from '../../shared/webview.ts';
import { loadBundle } from '../bundle.ts';
import { styles } from '../element.ts';
import { formatAge } from '../format.ts';
import { icons } from '../icons.ts';
import { t } from '../words.ts';
import { gesture } from './gesture.ts';
import previewStyles from './history.css';
import type { RowSource } from './scroller.ts';
import { fileName, linesOf, type Row } from './state/rows.ts';
import './scroller.ts';
import type { Preview } from './state/state.ts';

/** Only the beginning of a longer message is shown: a preview is not for a megabyte. */
const maxChars = 20_000;
const messageHeight = 120;
const severityWords: Readonly<Record<Finding['severity'], string>> = {
  error: t('error'),
  warning: t('warning'),
  info: t('info'),
  hint: t('hint'),
};

export class PreviewView extends LitElement {
  static override styles = styles(previewStyles);
  static override properties = {
    row: { attribute: false },
    preview: { attribute: false },
    actions: { attribute: false },
    now: { attribute: false },
    canShowAnswers: { state: true },
  };
  declare row: Row | undefined;
  declare preview: Preview | undefined;
  declare actions: readonly HostActionKind[];
  declare now: number;
  /** Whether the bundle that renders answers is loaded. Until then they are plain text. */
  declare canShowAnswers: boolean;

  #source: RowSource = { count: 0, key: String, render: () => html`` };
  /** Stays the same object while the host's actions do, since a new one renders every answer again. */
  #answerActions: readonly HostActionKind[] = [];

  constructor() {
    super();
    this.actions = [];
    this.now = 0;
    this.canShowAnswers = false;
    void customElements.whenDefined('sw-patient-markdown').then(() => {
      this.canShowAnswers = true;
    });
  }

  override render(): TemplateResult {
    const { row, preview } = this;
    if (!row || !preview)
      return html`<section class="preview empty"><p class="hint">${t('Choose something to read it here.')}</p></section>`;
    return html`<section class="preview" aria-label=${t('Preview of {0}', row.title)}>
      <header>
        <button class="quiet square back" aria-label=${t('Back to the list')} title=${t('Back to the list')} @click=${() => gesture(this, { type: 'reading-ended' })}>${icons.chevron}</button>
        <h2 class="name" title=${row.title}>${row.title}</h2>
        ${this.#tools(row)}
      </header>
      ${preview.error === undefined ? nothing : html`<p class="banner problem" role="alert">${preview.error}</p>`}
      ${coverageList(preview, row.state)}
      ${this.#heldList(preview.held)}
      ${this.#body(row, preview)}
    </section>`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('preview') && !changed.has('actions') && !changed.has('canShowAnswers')) return;
    const { messages = [], findings = [] } = this.preview ?? {};
    if (changed.has('actions'))
      this.#answerActions = this.actions.filter((kind) => kind === 'copy' || kind === 'open-external');
    if (messages.length > 0) loadBundle('history-answers.js');
    this.#source =
      findings.length > 0
        ? {
            count: findings.length,
            key: (index) => findings[index]?.id ?? '',
            render: (index) => this.#finding(findings[index]),
          }
        : {
            count: messages.length,
            key: (index) => messages[index]?.id ?? '',
            render: (index) => this.#message(messages[index]),
          };
  }

  #body(row: Row, preview: Preview): TemplateResult {
    if (preview.loading === 'first') return html`<p class="hint pad" role="status">${t('Loading …')}</p>`;
    if (row.kind === 'deleted')
      return html`<p class="hint pad">${t('This chat was deleted. {0}. Restore it to read it.', row.detail)}</p>`;
    if (row.kind === 'finding')
      return html`<div class="pad"><p>${row.detail}</p><p class="hint">${fileName(row.uri ?? '')}${row.range ? `:${row.range.start.line + 1}` : ''}</p></div>`;
    if (this.#source.count === 0)
      return html`<p class="hint pad">${row.kind === 'review' ? `${row.detail || t('No results.')}` : t('This chat has no messages.')}</p>`;
    const isElsewhere = preview.target !== undefined && !preview.messages.some(({ id }) => id === preview.target);
    return html`
      ${isElsewhere ? html`<p class="hint pad">${t('What was found is in another version of this chat: “{0}”', row.detail)}</p>` : nothing}
      <sw-rows .source=${this.#source} .rowHeight=${messageHeight} .isMeasured=${true} .label=${row.kind === 'review' ? t('Findings') : t('Messages')} .seek=${this.#seek(row, preview)}
        @near-end=${() => gesture(this, { type: 'messages-wanted', where: 'newer' })} @near-start=${() => gesture(this, { type: 'messages-wanted', where: 'older' })}></sw-rows>`;
  }

  #seek({ kind, key }: Row, { target }: Preview): string | undefined {
    return kind === 'review' ? undefined : (target ?? `end ${key}`);
  }

  #tools(row: Row): TemplateResult | typeof nothing {
    const { chatId, key, title, kind, uri, range } = row;
    if (kind === 'deleted') return nothing;
    const fix =
      kind === 'finding' && uri !== undefined && range
        ? this.#applyButton({ id: key.slice('finding:'.length), uri, range, message: row.detail })
        : nothing;
    const canOpen =
      chatId === undefined
        ? row.uri?.startsWith('file:') && this.actions.includes('open-attachment')
        : this.actions.includes('open-chat');
    const open = canOpen
      ? html`<button class="primary" @click=${() => gesture(this, { type: 'opened', key })}>${chatId === undefined ? t('Open file') : t('Open chat')}</button>`
      : nothing;
    if (chatId === undefined || !this.actions.includes('save-export')) return html`${fix} ${open}`;
    const save = (format: 'markdown' | 'json') => (): void =>
      gesture(this, { type: 'exported', chatId, title, format });
    return html`
      <button class="quiet" @click=${save('markdown')} title=${t('Export as Markdown')} aria-label=${t('Export as Markdown')}>${icons.save}<span>MD</span></button>
      <button class="quiet" @click=${save('json')} title=${t('Export as JSON')} aria-label=${t('Export as JSON')}>${icons.save}<span>JSON</span></button>
      ${open}`;
  }

  #message(message: Message | undefined): TemplateResult {
    if (!message) return html``;
    const { id, chatId, role, text, decision, createdAt } = message;
    const shown = text.slice(0, maxChars);
    const isFound = id === this.preview?.target;
    return html`<article class="message ${role} ${isFound ? 'found' : ''}" aria-label=${role === 'user' ? t('You') : t('Answer')} aria-current=${isFound}>
      <header>
        <span class="who">${role === 'user' ? t('You') : (decision?.model ?? t('Answer'))}</span>
        <button class="quiet small" title=${t('Copy the chat up to here as a new one')} @click=${() => gesture(this, { type: 'forked', chatId, messageId: id })}>${t('Fork from here')}</button>
        <span>${formatAge(createdAt, this.now)}</span>
      </header>
      ${role === 'user' || !this.canShowAnswers ? html`<div class="plain">${shown}</div>` : html`<sw-patient-markdown .text=${shown} .actions=${this.#answerActions}></sw-patient-markdown>`}
      ${text.length > maxChars ? html`<p class="cut">${t('{0} more characters. Open the chat to read all of it.', text.length - maxChars)}</p>` : nothing}
    </article>`;
  }

  #applyButton({
    id,
    uri,
    range,
    message,
  }: Pick<Finding, 'id' | 'uri' | 'range' | 'message'>): TemplateResult | typeof nothing {
    if (!this.actions.includes('fix-finding')) return nothing;
    const apply = (): void =>
      gesture(this, { type: 'action', action: { kind: 'fix-finding', findingId: id, uri, range } });
    return html`<button class="quiet" title=${t('Preview a fix for this finding')} aria-label=${t('Apply a fix: {0}', message)} @click=${apply}>${t('Apply')}</button>`;
  }

  #placeLink({ uri, range }: Pick<Finding, 'uri' | 'range'>): TemplateResult {
    const open = (): void => gesture(this, { type: 'action', action: { kind: 'open-attachment', uri, range } });
    const place = `${fileName(uri)}, ${linesOf(range.start.line, range.end.line)}`;
    if (!this.actions.includes('open-attachment')) return html`<span>${place}</span>`;
    return html`<button class="link" @click=${open}>${place}</button>`;
  }

  #heldList(held: Preview['held']): TemplateResult | typeof nothing {
    if (held.length === 0) return nothing;
    return html`<details class="coverage pad">
      <summary>${t('Not shown: {0}', held.length)}</summary>
      <ul>${held.map(({ finding, reason, detail }) => html`<li>${t(heldReasons[reason])}: ${finding.message} ${detail ?? ''} ${this.#placeLink(finding)}</li>`)}</ul>
    </details>`;
  }

  #finding(finding: Finding | undefined): TemplateResult {
    if (!finding) return html``;
    const { severity, message, evidence, source, state } = finding;
    const isSolved = state === 'solved';
    return html`<article class="message finding" aria-label=${t('Finding')}>
      <header><span class="who severity ${severity}">${isSolved ? t('solved') : severityWords[severity]}</span><span>${source}</span>${state === 'still' ? html`<span>${t('still there')}</span>` : nothing}
        ${this.#placeLink(finding)}
        ${isSolved ? nothing : this.#applyButton(finding)}
      </header>
      <div class="plain">${message}</div>
      <pre>${evidence.slice(0, maxChars)}</pre>
    </article>`;
  }
}

/** Nothing where it is not known: that is not "all of it was read". */
function coverageList(
  { coverage, rules }: Pick<Preview, 'coverage' | 'rules'>,
  state: Row['state'],
): TemplateResult | typeof nothing {
  const lines = [...(coverage === undefined ? [] : coverageLines(coverage, t)), ...ruleLines(rules, t)];
  if (lines.length === 0) return nothing;
  return html`<details class="coverage pad" ?open=${state === 'incomplete'}>
    <summary>${t('What was checked')}</summary>
    <ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
  </details>`;
}

customElements.define('sw-preview', PreviewView);
