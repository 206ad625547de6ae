// <sw-jobs>: the whole page. Shows the state it is given, and hands every gesture up as an event; holds nothing itself.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Job, JobStage, WholeJob } from '../../shared/protocol/jobs.ts';
import { actionsOf, type JobAction, jobItemIn } from '../../shared/words/job-words.ts';
import { styles } from '../element.ts';
import { formatAge, formatSeconds, shownUsd } from '../format.ts';
import { icons } from '../icons.ts';
import { t } from '../words.ts';
import jobsStyles from './jobs.css';
import { initialState, type JobGesture, type State } from './state.ts';

declare global {
  interface HTMLElementTagNameMap {
    'sw-jobs': JobsApp;
  }
  interface HTMLElementEventMap {
    'job-gesture': CustomEvent<JobGesture>;
  }
}

const itemOf = jobItemIn(t, shownUsd);
const labels: Readonly<Partial<Record<JobAction, string>>> = { resume: t('Resume'), cancel: t('Cancel') };

export class JobsApp extends LitElement {
  static override styles = styles(jobsStyles);
  static override properties = { state: { attribute: false } };
  declare state: State;

  constructor() {
    super();
    this.state = initialState;
  }

  override render(): TemplateResult {
    const { jobs, hasMore, connection, problem } = this.state;
    return html`
      <header><h1>${t('Jobs')}</h1><a href="./">${t('Chat')}</a><a href="history">${t('History')}</a></header>
      ${connection.state === 'reconnecting' || connection.state === 'lost' ? html`<div class="banner" role="status">${connection.detail ?? t('Connecting…')}</div>` : nothing}
      ${
        problem === undefined
          ? nothing
          : html`<div class="banner problem" role="alert"><span>${problem}</span>
            <button class="quiet square" aria-label=${t('Dismiss')} title=${t('Dismiss')} @click=${() => this.#gesture({ type: 'problem-dismissed' })}>${icons.close}</button></div>`
      }
      <main aria-busy=${jobs === undefined}>
        ${jobs?.map((job) => this.#job(job))}
        ${jobs?.length === 0 ? html`<p class="none">${t('No jobs yet. To start one, run “Switchyard: Write with Review…” in VS Code, or this in a terminal:')} <code>switchyard write "TEXT" FILE</code></p>` : nothing}
        ${hasMore ? html`<button class="link" @click=${() => this.#gesture({ type: 'more-wanted' })}>${t('Show more')}</button>` : nothing}
      </main>`;
  }

  #job(job: Job): TemplateResult {
    const { id: jobId, state, title, question, createdAt } = job;
    const { description, detail } = itemOf({ ...job, question: undefined });
    const isOpen = this.state.chosen === jobId;
    return html`<article class=${state} aria-label=${title}>
      <div class="line">
        <button class="title" aria-expanded=${isOpen} @click=${() => this.#gesture({ type: 'chosen', jobId })}>${isOpen ? icons.chevron : icons.right}<span>${title}</span></button>
        <span class="state">${description}</span><span class="when">${formatAge(createdAt, Date.now())}</span>
      </div>
      <p class="detail">${detail}</p>
      ${
        question
          ? html`<div class="question"><p>${question.text}</p>${
              job.kind === 'agent'
                ? html`<a href="./">${t('Decide in its chat')}</a>`
                : question.answers.map(
                    ({ id: answer, label }, i) =>
                      html`<button class=${i === 0 ? 'primary' : 'quiet'} @click=${() => this.#gesture({ type: 'answered', jobId, answer })}>${label}</button>`,
                  )
            }</div>`
          : nothing
      }
      ${this.#actions(job)}
      ${isOpen ? this.#whole(this.state.whole) : nothing}
    </article>`;
  }

  #actions(job: Job): TemplateResult[] {
    return actionsOf(job).flatMap((action) => {
      const label = labels[action];
      const type = action === 'resume' ? 'resumed' : 'cancelled';
      if (label === undefined) return [];
      return [
        html`<button class="quiet" aria-label="${label} ${job.title}" @click=${() => this.#gesture({ type, jobId: job.id })}>${label}</button>`,
      ];
    });
  }

  #whole(whole: WholeJob | undefined): TemplateResult {
    if (!whole) return html`<p class="detail" role="status">${t('Loading…')}</p>`;
    const { code, label, text = code, why = label } = whole.result ?? {};
    return html`<div class="whole">
      ${typeof why === 'string' ? html`<p>${why}</p>` : nothing}
      ${
        typeof text === 'string'
          ? html`<div class="result"><pre>${text}</pre>
            <button class="quiet square" title=${t('Copy')} aria-label=${t('Copy the result')} @click=${() => this.#gesture({ type: 'copied', text })}>${icons.copy}</button></div>`
          : nothing
      }
      ${whole.stages.map(stageDetails)}
    </div>`;
  }

  #gesture(gesture: JobGesture): void {
    this.dispatchEvent(new CustomEvent('job-gesture', { detail: gesture }));
  }
}

function stageDetails({ name, detail, model, durationMs, cost, prompt, answer }: JobStage): TemplateResult {
  const price = typeof cost === 'number' ? [shownUsd(cost)] : [];
  const facts = [...(model === undefined ? [] : [model]), formatSeconds(durationMs), ...price];
  return html`<details>
    <summary><strong>${name}</strong> ${detail} <span class="when">${facts.join(' · ')}</span></summary>
    ${prompt === undefined ? nothing : html`<h2>${t('Prompt')}</h2><pre>${prompt}</pre>`}
    ${answer === undefined ? nothing : html`<h2>${t('Answer')}</h2><pre>${answer}</pre>`}
  </details>`;
}

customElements.define('sw-jobs', JobsApp);
