// <sw-why>: why a model was chosen, as the daemon wrote it down: what was read in the question, who else was weighed and how.
import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import type { Decision } from '../../../shared/protocol/chat.ts';
import { styles } from '../../element.ts';
import { splitModelId } from '../../format.ts';
import { icons } from '../../icons.ts';
import { inLocale, plural, t } from '../../words.ts';
import type { Explanation } from '../state/state.ts';
import type { Entry } from '../state/transcript.ts';
import whyStyles from './why.css';
import { type Bar, type CandidateRow, sawWords, sourceWords, toWhy, type Why } from './why-text.ts';

/** More candidates than this are one press away. */
const fewCandidates = 4;

export class WhyView extends LitElement {
  static override styles = styles(whyStyles);
  static override properties = {
    decision: { attribute: false },
    context: { attribute: false },
    explanation: { attribute: false },
    isWhole: { state: true },
  };
  declare decision: Decision;
  /** The part of the conversation that the answer was made from. */
  declare context: Entry['context'];
  declare explanation: Explanation | undefined;
  declare isWhole: boolean;

  constructor() {
    super();
    this.isWhole = false;
  }

  override render(): TemplateResult {
    return html`<section class="why" role="region" aria-label=${t('Why this model?')}>${this.#content()}</section>`;
  }

  #content(): TemplateResult {
    const { explanation, decision } = this;
    if (explanation?.state === 'loading')
      return html`<p>${decision.reason}</p><div class="edge"><vscode-progress-ring></vscode-progress-ring></div>`;
    if (explanation?.state === 'loaded') return this.#record(toWhy(explanation.record, decision));
    const unread = explanation
      ? t("Couldn't read the record: {0}", explanation.reason)
      : t('No more details were recorded for this decision.');
    return html`<p>${decision.reason}</p>${this.#facts([])}<p class="detail">${unread}</p>`;
  }

  /** Which level named the model, and what it was shown, stand first: they are known of every answer. */
  #facts(more: Why['facts']): TemplateResult {
    const { source } = this.decision;
    const facts = [
      ...(source ? [{ name: t('Named by'), value: sourceWords[source] }] : []),
      ...(this.context ? [{ name: t('It saw'), value: sawWords(this.context) }] : []),
      ...more,
    ];
    return html`<dl>${facts.map(({ name, value }) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>${this.#older()}`;
  }

  /** The older messages as the prompt had them: those that were found again, and the summary of others. */
  #older(): TemplateResult {
    const { found, summary, summarised = 0 } = this.context ?? {};
    return html`
      ${found?.length ? html`<details><summary>${t('Found again ({0})', found.length)}</summary>${this.#found()}</details>` : nothing}
      ${summary ? html`<details><summary>${plural(summarised, ['Summary of {0} older message, by {1}', 'Summary of {0} older messages, by {1}'], summary.model)}</summary><div class="told" tabindex="0">${summary.text}</div></details>` : nothing}
    `;
  }

  #found(): TemplateResult {
    const { found } = this.explanation ?? {};
    if (!found) return html`<p class="detail">${t('Loading messages…')}</p>`;
    return html`${found.map(({ role, text }) => html`<div class="told" tabindex="0"><b>${role === 'user' ? t('You') : t('Answer')}</b> ${text}</div>`)}
      ${found.length < (this.context?.found?.length ?? 0) ? html`<p class="detail">${t('Other versions are on another branch of this chat.')}</p>` : nothing}`;
  }

  #record({ reason, facts, signals, candidates, excluded }: Why): TemplateResult {
    return html`
      <p class="reason">${reason}</p>
      ${this.#facts(facts)}
      ${signals.length > 0 ? html`<div class="chips" aria-label=${t('Signals in the question')}>${signals.map((signal) => html`<span class="chip">${signal}</span>`)}</div>` : nothing}
      ${this.#candidates(candidates)}
      ${excluded.length > 0 ? html`<h3>${t("Couldn't answer")}</h3><ul class="excluded">${excluded.map(({ id, reason: why }) => html`<li><span class="id">${id}</span> <span class="detail">${why}</span></li>`)}</ul>` : nothing}
    `;
  }

  #candidates(candidates: readonly CandidateRow[]): TemplateResult | typeof nothing {
    if (candidates.length === 0) return nothing;
    const shown = this.isWhole
      ? candidates
      : candidates.filter(({ isChosen }, index) => isChosen || index < fewCandidates);
    const hidden = candidates.length - shown.length;
    const showAll = (): void => {
      this.isWhole = true;
    };
    return html`
      <h3>${t('Weighed')}</h3>
      <ol>${shown.map(candidate)}</ol>
      ${hidden > 0 ? html`<button class="link" @click=${showAll}>${t('{0} more', hidden)}</button>` : nothing}
    `;
  }
}

function candidate({ id, isChosen, local, score, cost, bars }: CandidateRow): TemplateResult {
  const { provider, name } = splitModelId(id);
  return html`<li class=${isChosen ? 'chosen' : ''}>
    <div class="line">
      <span class="mark">${isChosen ? icons.check : nothing}</span>
      <span class="id"><span class="provider">${provider}/</span>${name}</span>
      <span class="badge">${local ? t('local') : t('cloud')}</span>
      <span class="detail">${cost === t('unknown') ? t('price unknown') : cost}</span>
      ${score === undefined ? nothing : html`<span class="score" title=${t('Weighed by the policy')}>${inLocale(score.toFixed(2))}</span>`}
    </div>
    <div class="bars">${bars.map(bar)}</div>
  </li>`;
}

function bar({ name, title, share }: Bar): TemplateResult {
  const words = share === undefined ? t('unknown') : `${Math.round(share * 100)}%`;
  return html`<span class="bar" title="${title}: ${words}" role="img" aria-label="${name}: ${words}">
    <span class="part">${name}</span>
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      ${
        share === undefined
          ? svg`<line class="unknown" x1="1" y1="3" x2="99" y2="3"></line>`
          : svg`<rect class="track" width="100" height="6"></rect><rect class="fill" width=${Math.max(1, Math.min(100, share * 100))} height="6"></rect>`
      }
    </svg>
  </span>`;
}

customElements.define('sw-why', WhyView);
