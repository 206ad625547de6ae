// <sw-run>: what a run of the agent did and does: its plan, its steps folded, and what it changed. What it waits for stands below its text.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { HostActionKind } from '../../../shared/webview.ts';
import { styles } from '../../element.ts';
import { formatUsage, shownUsd } from '../../format.ts';
import { icons } from '../../icons.ts';
import { plural, t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import type { Run, RunCall, RunChanges } from '../state/runs/run.ts';
import '../message/markdown-view.ts';
import { inputText } from './call-input.ts';
import './changes-view.ts';
import runStyles from './run.css';
import { exactText, oneLine, shownDiff } from './shown-text.ts';

/** Steps before these are folded away while a run works. */
const maxStepsInView = 6;

const decisionWords = {
  once: t('You allowed it.'),
  always: t('You always allow it.'),
  deny: t("You didn't allow it."),
};
const planWords = { open: t('To do'), doing: t('In progress'), done: t('Done') };
const changeLetters = { created: 'A', changed: 'M', deleted: 'D' };
const changeWords = { created: t('Created'), changed: t('Changed'), deleted: t('Deleted') };

export class RunView extends LitElement {
  static override styles = styles(runStyles);
  static override properties = {
    run: { attribute: false },
    jobId: { attribute: false },
    chatId: { attribute: false },
    isStreaming: { attribute: false },
    actions: { attribute: false },
    changes: { attribute: false },
  };
  /** None until it was asked for. */
  declare run: Run | undefined;
  declare jobId: string;
  declare chatId: string;
  /** Whether its answer is coming in, so that the composer can stop it. */
  declare isStreaming: boolean;
  declare actions: readonly HostActionKind[];
  /** Where the page itself shows what was changed. */
  declare changes: RunChanges | undefined;

  constructor() {
    super();
    this.isStreaming = false;
    this.actions = [];
  }

  override render(): TemplateResult {
    const { run, jobId, chatId } = this;
    const want = (): void => gesture(this, { type: 'run-wanted', jobId, chatId });
    if (!run) return html`<button class="link" @click=${want}>${t('Show what the agent did')}</button>`;
    return html`<section class="run" aria-label=${t('What the agent does')}>
      ${this.#plan(run)} ${this.#steps(run)}
      ${this.#spent(run)} ${this.#end(run)}
    </section>`;
  }

  #plan({ plan }: Run): TemplateResult | typeof nothing {
    if (plan.length === 0) return nothing;
    return html`<ol class="plan" aria-label=${t('Plan')}>${plan.map(
      ({ text, state }) =>
        html`<li class=${state}><span class="mark" role="img" aria-label=${planWords[state]}>${state === 'done' ? icons.check : nothing}</span><span>${oneLine(text)}</span></li>`,
    )}</ol>`;
  }

  #steps({ calls: all, state }: Run): TemplateResult | typeof nothing {
    const calls = all.filter(({ within }) => within === undefined);
    if (calls.length === 0) return nothing;
    const isWorking = state === 'working';
    const folded = isWorking ? calls.slice(0, -maxStepsInView) : calls;
    const words = isWorking
      ? plural(folded.length, ['{0} earlier step', '{0} earlier steps'])
      : plural(folded.length, ['{0} step', '{0} steps']);
    return html`
      ${folded.length > 0 ? html`<details class="steps"><summary>${words}</summary>${this.#list(folded)}</details>` : nothing}
      ${isWorking ? this.#list(calls.slice(-maxStepsInView)) : nothing}
    `;
  }

  #list(calls: readonly RunCall[]): TemplateResult {
    return html`<ol class="calls" aria-label=${t('Steps')}>${calls.map((call) => html`<li>${call.said ? html`<sw-markdown class="said" .text=${call.said}></sw-markdown>` : nothing}${this.#call(call)}</li>`)}</ol>`;
  }

  #call(call: RunCall): TemplateResult {
    const { callId, kind, title, taint, decision, result } = call;
    const isWaiting = this.run?.approvals.some(({ approval }) => approval.callId === callId) === true;
    const isStill = this.run?.state === 'working';
    return html`<details class="call">
      <summary>
        ${stateIcon({ result, isWaiting, isStill })}<span class="name title">${oneLine(title)}</span>
        ${taint === undefined ? nothing : html`<span class="taint-mark" role="img" aria-label=${t('May not be what you asked for')}>${icons.problems}</span>`}
        <span class="name detail">${oneLine(result?.summary ?? '')}</span>
      </summary>
      ${taint === undefined ? nothing : html`<p class="taint">${icons.problems}<span>${oneLine(taint)}</span></p>`}
      ${decision && kind !== 'ask' ? html`<p class="detail">${decisionWords[decision]}</p>` : nothing}
      ${this.#input(call)}
      ${result?.diff === undefined ? nothing : shownDiff(result.diff, t('What it changed'))}
      ${this.#inner(callId)}
      ${result?.text ? html`<pre tabindex="0" aria-label=${t('Result')}>${exactText(result.text)}</pre>` : nothing}
      ${this.#callButtons(call)}
    </details>`;
  }

  /** A diff says all that an edit was given. */
  #input({ input, result }: RunCall): TemplateResult | typeof nothing {
    const text = input === undefined || result?.diff !== undefined ? '' : inputText(input);
    return text === ''
      ? nothing
      : html`<pre class="given" tabindex="0" aria-label=${t('What it was given')}>${exactText(text)}</pre>`;
  }

  #callButtons({ callId, within, kind, step, isCut, result }: RunCall): TemplateResult | typeof nothing {
    const { jobId, run, actions } = this;
    const want = (): void => gesture(this, { type: 'call-wanted', jobId, callId });
    const undo = (): void => gesture(this, { type: 'action', action: { kind: 'undo-run', jobId, step } });
    const mayHaveChanged = result?.diff !== undefined || (result?.ok === true && (kind === 'run' || kind === 'mcp'));
    const canUndo = mayHaveChanged && within === undefined && run?.state !== 'working' && actions.includes('undo-run');
    if (!isCut && !result?.isCut && !canUndo) return nothing;
    return html`<div class="row wrap">
      ${isCut || result?.isCut ? html`<button class="link" @click=${want}>${t('Show all of it')}</button>` : nothing}
      ${canUndo ? html`<button class="link" title=${t('Put files back as they were before this step')} @click=${undo}>${t('Undo from this step')}</button>` : nothing}
    </div>`;
  }

  /** What a sub-agent does for a call. */
  #inner(callId: string): TemplateResult | typeof nothing {
    const calls = this.run?.calls.filter(({ within }) => within === callId) ?? [];
    return calls.length === 0 ? nothing : this.#list(calls);
  }

  #spent({ spent, state }: Run): TemplateResult | typeof nothing {
    if (!spent || state !== 'working') return nothing;
    const { rounds, usage, cost } = spent;
    const price = cost === undefined ? t('Not priced') : t('{0} so far', shownUsd(cost));
    return html`<p class="spent" title=${t('Turns of the model, tokens, and cost so far')}>${plural(rounds, ['{0} turn', '{0} turns'])} · ${formatUsage(usage)} · ${price}</p>`;
  }

  #end(run: Run): TemplateResult {
    const { state, end, problem, canResume } = run;
    const { jobId, chatId } = this;
    const resume = (): void => gesture(this, { type: 'run-resumed', jobId, chatId });
    const stop = (): void => gesture(this, { type: 'run-stopped', jobId, chatId });
    return html`
      ${end?.why ? html`<p class="note">${oneLine(end.why)}</p>` : nothing}
      ${problem ? html`<p class="note" role="alert">${oneLine(problem)}</p>` : nothing}
      ${end && end.changes.length > 0 ? this.#changes(end.changes) : nothing}
      <div class="row wrap">
        ${state === 'working' && !this.isStreaming ? html`<button class="secondary" @click=${stop}>${t('Stop')}</button>` : nothing}
        ${state === 'stopped' && canResume ? html`<button class="primary" title=${t('Go on after the last finished step')} @click=${resume}>${t('Resume')}</button>` : nothing}
        ${state !== 'working' && hasChanges(run) ? this.#changeButtons() : nothing}
      </div>
      ${this.changes ? html`<sw-run-changes .jobId=${jobId} .changes=${this.changes}></sw-run-changes>` : nothing}
    `;
  }

  #changes(changes: NonNullable<Run['end']>['changes']): TemplateResult {
    const added = changes.reduce((sum, change) => sum + change.added, 0);
    const removed = changes.reduce((sum, change) => sum + change.removed, 0);
    return html`<details class="steps changes"><summary>${plural(changes.length, ['{0} changed file', '{0} changed files'])} ${counts(added, removed)}</summary>
      <ul>${changes.map(
        ({ path, change, ...lines }) =>
          html`<li><span class="letter" title=${changeWords[change]}>${changeLetters[change]}</span><span class="name">${oneLine(path)}</span> ${counts(lines.added, lines.removed)}</li>`,
      )}</ul>
    </details>`;
  }

  #changeButtons(): TemplateResult {
    const { jobId, actions } = this;
    const act = (kind: 'review-run' | 'undo-run') => (): void =>
      gesture(this, { type: 'action', action: { kind, jobId } });
    return html`
      ${actions.includes('review-run') ? html`<button class="secondary" title=${t('Show what the agent changed, then keep or undo each change')} @click=${act('review-run')}>${t('Review Changes')}</button>` : nothing}
      ${actions.includes('undo-run') ? html`<button class="secondary" title=${t('Put all files back as they were before')} @click=${act('undo-run')}>${t('Undo')}</button>` : nothing}
    `;
  }
}

function counts(added: number, removed: number): TemplateResult {
  return html`<span class="counts" aria-label=${t('{0} lines added, {1} removed', added, removed)}><span class="plus">+${added}</span> <span class="minus">−${removed}</span></span>`;
}

function hasChanges({ end, calls }: Run): boolean {
  if (end) return end.changes.length > 0;
  return calls.some(({ kind, result }) => (kind === 'edit' || kind === 'run' || kind === 'mcp') && result?.ok === true);
}

function stateIcon({
  result,
  isWaiting,
  isStill,
}: {
  result: RunCall['result'];
  isWaiting: boolean;
  isStill: boolean;
}): TemplateResult {
  const marked = (label: string, name: string, icon: TemplateResult): TemplateResult =>
    html`<span class="mark ${name}" role="img" aria-label=${label}>${icon}</span>`;
  if (result) return result.ok ? marked(t('Done'), 'ok', icons.check) : marked(t('Failed'), 'failed', icons.close);
  if (isWaiting) return marked(t('Waiting for you'), 'waiting', icons.question);
  return isStill
    ? html`<vscode-progress-ring aria-label=${t('Working')}></vscode-progress-ring>`
    : marked(t('Not finished'), '', icons.stop);
}

customElements.define('sw-run', RunView);
