// <sw-run>: what a run of the agent did and does: its plan, its steps folded, and what it changed. What it waits for stands below its text.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { formatUsd } from '../../../shared/usd.ts';
import type { HostActionKind } from '../../../shared/webview.ts';
import { counted } from '../../../shared/words/counted.ts';
import { styles } from '../../element.ts';
import { formatUsage } from '../../format.ts';
import { icons } from '../../icons.ts';
import { gesture } from '../gesture.ts';
import type { Run, RunCall } from '../state/runs/run.ts';
import runStyles from './run.css';
import { exactText, oneLine, shownDiff } from './shown-text.ts';

/** Steps before these are folded away while a run works. */
const maxStepsInView = 6;

const decisionWords = { once: 'You allowed it.', always: 'You always allow it.', deny: "You didn't allow it." };
const planWords = { open: 'To do', doing: 'In progress', done: 'Done' };
const changeLetters = { created: 'A', changed: 'M', deleted: 'D' };
const changeWords = { created: 'Created', changed: 'Changed', deleted: 'Deleted' };

export class RunView extends LitElement {
  static override styles = styles(runStyles);
  static override properties = {
    run: { attribute: false },
    jobId: { attribute: false },
    chatId: { attribute: false },
    isStreaming: { attribute: false },
    actions: { attribute: false },
  };
  /** None until it was asked for. */
  declare run: Run | undefined;
  declare jobId: string;
  declare chatId: string;
  /** Whether its answer is coming in, so that the composer can stop it. */
  declare isStreaming: boolean;
  declare actions: readonly HostActionKind[];

  constructor() {
    super();
    this.isStreaming = false;
    this.actions = [];
  }

  override render(): TemplateResult {
    const { run, jobId, chatId } = this;
    const want = (): void => gesture(this, { type: 'run-wanted', jobId, chatId });
    if (!run) return html`<button class="link" @click=${want}>Show what the agent did</button>`;
    return html`<section class="run" aria-label="What the agent does">
      ${this.#plan(run)} ${this.#steps(run)}
      ${this.#spent(run)} ${this.#end(run)}
    </section>`;
  }

  #plan({ plan }: Run): TemplateResult | typeof nothing {
    if (plan.length === 0) return nothing;
    return html`<ol class="plan" aria-label="Plan">${plan.map(
      ({ text, state }) =>
        html`<li class=${state}><span class="mark" role="img" aria-label=${planWords[state]}>${state === 'done' ? icons.check : nothing}</span><span>${oneLine(text)}</span></li>`,
    )}</ol>`;
  }

  #steps({ calls: all, state }: Run): TemplateResult | typeof nothing {
    const calls = all.filter(({ within }) => within === undefined);
    if (calls.length === 0) return nothing;
    const isWorking = state === 'working';
    const folded = isWorking ? calls.slice(0, -maxStepsInView) : calls;
    const words = isWorking ? `${counted(folded.length, 'earlier step')}` : counted(folded.length, 'step');
    return html`
      ${folded.length > 0 ? html`<details class="steps"><summary>${words}</summary>${this.#list(folded)}</details>` : nothing}
      ${isWorking ? this.#list(calls.slice(-maxStepsInView)) : nothing}
    `;
  }

  #list(calls: readonly RunCall[]): TemplateResult {
    return html`<ol class="calls" aria-label="Steps">${calls.map((call) => html`<li>${this.#call(call)}</li>`)}</ol>`;
  }

  #call({ callId, title, taint, decision, result }: RunCall): TemplateResult {
    const isWaiting = this.run?.approvals.some(({ approval }) => approval.callId === callId) === true;
    const isStill = this.run?.state === 'working';
    return html`<details class="call">
      <summary>
        ${stateIcon({ result, isWaiting, isStill })}<span class="name title">${oneLine(title)}</span>
        ${taint === undefined ? nothing : html`<span class="taint-mark" role="img" aria-label="May come from a file">${icons.problems}</span>`}
        <span class="name detail">${oneLine(result?.summary ?? '')}</span>
      </summary>
      ${taint === undefined ? nothing : html`<p class="taint">${icons.problems}<span>${oneLine(taint)}</span></p>`}
      ${decision ? html`<p class="detail">${decisionWords[decision]}</p>` : nothing}
      ${result?.diff === undefined ? nothing : shownDiff(result.diff, 'What it changed')}
      ${this.#inner(callId)}
      ${result?.text ? html`<pre tabindex="0" aria-label="Result">${exactText(result.text)}</pre>` : nothing}
    </details>`;
  }

  /** What a sub-agent does for a call. */
  #inner(callId: string): TemplateResult | typeof nothing {
    const calls = this.run?.calls.filter(({ within }) => within === callId) ?? [];
    return calls.length === 0 ? nothing : this.#list(calls);
  }

  #spent({ spent, state }: Run): TemplateResult | typeof nothing {
    if (!spent || state !== 'working') return nothing;
    const { rounds, usage, cost } = spent;
    const price = cost === undefined ? 'Not priced' : `${formatUsd(cost)} so far`;
    return html`<p class="spent" title="Turns of the model, tokens, and cost so far">${counted(rounds, 'turn')} · ${formatUsage(usage)} · ${price}</p>`;
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
        ${state === 'working' && !this.isStreaming ? html`<button class="secondary" @click=${stop}>Stop</button>` : nothing}
        ${state === 'stopped' && canResume ? html`<button class="primary" title="Go on after the last finished step" @click=${resume}>Resume</button>` : nothing}
        ${state !== 'working' && hasChanges(run) ? this.#changeButtons() : nothing}
      </div>
    `;
  }

  #changes(changes: NonNullable<Run['end']>['changes']): TemplateResult {
    const added = changes.reduce((sum, change) => sum + change.added, 0);
    const removed = changes.reduce((sum, change) => sum + change.removed, 0);
    return html`<details class="steps changes"><summary>${counted(changes.length, 'changed file')} ${counts(added, removed)}</summary>
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
      ${actions.includes('review-run') ? html`<button class="secondary" title="Show what the agent changed, then keep or undo each change" @click=${act('review-run')}>Review Changes</button>` : nothing}
      ${actions.includes('undo-run') ? html`<button class="secondary" title="Put all files back as they were before" @click=${act('undo-run')}>Undo</button>` : nothing}
    `;
  }
}

function counts(added: number, removed: number): TemplateResult {
  return html`<span class="counts" aria-label="${added} lines added, ${removed} removed"><span class="plus">+${added}</span> <span class="minus">−${removed}</span></span>`;
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
  if (result) return result.ok ? marked('Done', 'ok', icons.check) : marked('Failed', 'failed', icons.close);
  if (isWaiting) return marked('Waiting for you', 'waiting', icons.question);
  return isStill
    ? html`<vscode-progress-ring aria-label="Working"></vscode-progress-ring>`
    : marked('Not finished', '', icons.stop);
}

customElements.define('sw-run', RunView);
