// <sw-about>: the quiet line under an answer. What it says of the model is read from the decision that the answer was stored with.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { styles } from '../../element.ts';
import { formatSeconds, formatUsage, shownUsd } from '../../format.ts';
import { icons } from '../../icons.ts';
import { t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import { forkButton, pinButton, versionSwitch } from '../message/message-tools.ts';
import type { Thumbs } from '../state/messages.ts';
import type { Explanations } from '../state/state.ts';
import type { Entry } from '../state/transcript.ts';
import aboutStyles from './about.css';
import './why.ts';

const finishLabels: Partial<Record<NonNullable<Entry['finishReason']>, string>> = {
  length: t('Cut at the length limit'),
  repetition: t('Repeated itself'),
  'content-filter': t('Withheld by the provider'),
};
const statusLabels = {
  partial: t('Incomplete'),
  cancelled: t('Stopped'),
  failed: t('Failed'),
  streaming: undefined,
  complete: undefined,
};

export class AboutAnswer extends LitElement {
  static override styles = styles(aboutStyles);
  static override properties = {
    entry: { attribute: false },
    explanations: { attribute: false },
    canRetry: { attribute: false },
    canChange: { attribute: false },
    isWaitingForUser: { attribute: false },
    isOpen: { state: true },
  };
  declare entry: Entry;
  declare explanations: Explanations;
  declare canRetry: boolean;
  /** Whether another version may be chosen now. */
  declare canChange: boolean;
  /** Whether it goes on once the user has answered. */
  declare isWaitingForUser: boolean;
  /** Whether the reason is shown of a decision that has no record. */
  declare isOpen: boolean;

  constructor() {
    super();
    this.explanations = {};
    this.canRetry = false;
    this.canChange = false;
    this.isWaitingForUser = false;
    this.isOpen = false;
  }

  override render(): TemplateResult {
    const { decision, usage, cost, durationMs, status, finishReason } = this.entry;
    const label = this.isWaitingForUser
      ? undefined
      : ((finishReason && finishLabels[finishReason]) ?? statusLabels[status]);
    return html`
      <footer>
        ${label ? html`<span class="status ${status}">${label}</span>` : nothing}
        ${
          decision
            ? html`<button class="model" title=${t('Why this model? {0}', decision.reason)} aria-expanded=${this.#isExplained} @click=${this.#explain}>${decision.model}${icons.chevron}</button>`
            : nothing
        }
        ${usage ? html`<span title=${t('Tokens in and out')}>${formatUsage(usage)}</span>` : nothing}
        ${cost === undefined ? nothing : this.#cost(cost)}
        ${durationMs === undefined ? nothing : html`<span title=${t('Time')}>${formatSeconds(durationMs)}</span>`}
        ${versionSwitch(this, this.entry, this.canChange)}
        <span class="tools">${pinButton(this, this.entry)} ${forkButton(this, this.entry)} ${this.#thumbs('up', t('Good answer'))} ${this.#thumbs('down', t('Bad answer'))} ${this.#copyAndRetry()}</span>
      </footer>
      ${decision && this.#isExplained ? html`<sw-why .decision=${decision} .context=${this.entry.context} .explanation=${this.explanations[decision.id ?? '']}></sw-why>` : nothing}
    `;
  }

  /** A provider doesn't say what an answer used that was stopped. */
  #cost(usd: number): TemplateResult {
    const { status, usage } = this.entry;
    const isEstimated = usd > 0 && (status === 'cancelled' || status === 'partial') && !usage?.output;
    return isEstimated
      ? html`<span title=${t("Estimated from the text: the provider didn't report what a stopped answer used")}>${t('about {0}', shownUsd(usd))}</span>`
      : html`<span title=${t("Cost by the provider's price")}>${shownUsd(usd)}</span>`;
  }

  get #isExplained(): boolean {
    const id = this.entry.decision?.id;
    return id === undefined ? this.isOpen : id in this.explanations;
  }

  #thumbs(thumbs: Thumbs, label: string): TemplateResult | typeof nothing {
    const { key, text, decision, thumbs: given } = this.entry;
    if (!text || decision?.id === undefined) return nothing;
    const isGiven = given === thumbs;
    const press = (): void => gesture(this, { type: 'rated', key, thumbs: isGiven ? undefined : thumbs });
    return html`<button class="quiet square ${isGiven ? 'given' : ''}" aria-label=${label} aria-pressed=${isGiven} title=${t('{0}: the router learns from it', label)} @click=${press}>
      ${icons[thumbs === 'up' ? 'thumbsUp' : 'thumbsDown']}
    </button>`;
  }

  #copyAndRetry(): TemplateResult {
    return html`
      ${
        this.entry.text
          ? html`<button class="quiet square" aria-label=${t('Copy answer')} title=${t('Copy answer')} @click=${this.#copy}>${icons.copy}</button>`
          : nothing
      }
      ${
        this.canRetry && !this.entry.error
          ? html`<button class="quiet square" aria-label=${t('Try again')} title=${t('Try again')} @click=${this.#retry}>${icons.retry}</button>`
          : nothing
      }
    `;
  }

  #explain(): void {
    const decisionId = this.entry.decision?.id;
    if (decisionId === undefined) this.isOpen = !this.isOpen;
    else gesture(this, { type: 'explained', decisionId, open: !this.#isExplained });
  }

  #copy(): void {
    gesture(this, { type: 'action', action: { kind: 'copy', text: this.entry.text } });
  }

  #retry(): void {
    gesture(this, { type: 'retry', key: this.entry.key, at: Date.now() });
  }
}

customElements.define('sw-about', AboutAnswer);
