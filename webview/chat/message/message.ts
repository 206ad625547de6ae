// <sw-message>: one message: a question with its attachments, or an answer with what is to be known about it.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { hasEdits } from '../../../shared/edits/answer-edits.ts';
import { textAfterSteps } from '../../../shared/steps-text.ts';
import type { HostActionKind } from '../../../shared/webview.ts';
import { type Citable, nothingCitable } from '../../markdown/citations.ts';
import { withCode } from '../../with-code.ts';
import { t } from '../../words.ts';
import { type Run, type RunChanges, sourcesOf } from '../state/runs/run.ts';
import type { Explanations } from '../state/state.ts';
import { canContinue, type Entry, isStored, type ReceivedPicture } from '../state/transcript.ts';
import '../answer/about.ts';
import { waitNote } from '../../../shared/words/wait-note.ts';
import { styles } from '../../element.ts';
import { icons } from '../../icons.ts';
import { gesture } from '../gesture.ts';
import './attachments.ts';
import './markdown-view.ts';
import { listedDraft, pictureList } from '../pictures/picture-list.ts';
import { sourceList } from './source-list.ts';
import '../pictures/made-picture.ts';
import { forkButton, pinButton, versionSwitch, waitTools } from './message-tools.ts';
import '../answer/answer-memories.ts';
import '../run/approval.ts';
import '../run/run-view.ts';
import messageStyles from './message.css';

export class MessageView extends LitElement {
  static override styles = styles(messageStyles);
  static override properties = {
    entry: { attribute: false },
    actions: { attribute: false },
    explanations: { attribute: false },
    canRetry: { attribute: false },
    citable: { attribute: false },
    canChange: { attribute: false },
    editingKey: { attribute: false },
    run: { attribute: false },
    canAlways: { attribute: false },
    changes: { attribute: false },
    made: { attribute: false },
  };
  declare entry: Entry;
  declare actions: readonly HostActionKind[];
  declare explanations: Explanations;
  declare citable: Citable;
  declare canRetry: boolean;
  /** Whether it may be edited, or another version be chosen, now. */
  declare canChange: boolean;
  declare editingKey: string | undefined;
  /** Of an answer that the agent made. */
  declare run: Run | undefined;
  declare canAlways: boolean;
  /** What its run changed, where the page itself shows it. */
  declare changes: RunChanges | undefined;
  /** The picture that was made as its answer. */
  declare made: ReceivedPicture | undefined;

  #lastSources: readonly string[] = [];

  constructor() {
    super();
    this.actions = [];
    this.explanations = {};
    this.citable = nothingCitable;
    this.canRetry = false;
    this.canChange = false;
    this.canAlways = false;
  }

  override render(): TemplateResult {
    return this.entry.role === 'user' ? this.#question() : this.#answer();
  }

  #question(): TemplateResult {
    const { text, attachments, key, pictures } = this.entry;
    const isStoredWithPictures = attachments?.some(({ kind }) => kind === 'image') === true;
    return html`<article class="question ${key === this.editingKey ? 'editing' : ''}" aria-label=${t('You')}>
      <div class="text">${text}</div>
      ${attachments?.length ? html`<sw-attachments .attachments=${attachments} .actions=${this.actions}></sw-attachments>` : nothing}
      ${pictures && !isStoredWithPictures ? pictureList(pictures.map(listedDraft)) : nothing}
      ${isStored(this.entry) ? this.#questionTools() : nothing}
    </article>`;
  }

  #questionTools(): TemplateResult {
    const { key, versions = 1, pinned = false } = this.entry;
    const edit = (): void => gesture(this, { type: 'edited', key });
    return html`<div class="question-tools ${versions > 1 || pinned ? 'shown' : ''}">
      ${versionSwitch(this, this.entry, this.canChange)}
      <span class="tools">
        ${pinButton(this, this.entry)} ${forkButton(this, this.entry)}
        <button class="quiet square" aria-label=${t('Edit')} title=${t('Edit and send again. This version is kept')} ?disabled=${!this.canChange} @click=${edit}>${icons.edit}</button>
      </span>
    </div>`;
  }

  #answer(): TemplateResult {
    const { reasoning, notes, status, error } = this.entry;
    const text = this.run ? textAfterSteps(this.entry.text, this.run.calls) : this.entry.text;
    const isStreaming = status === 'streaming';
    return html`<article class="answer" aria-label=${t('Answer')} aria-busy=${isStreaming}>
      ${reasoning ? html`<details class="reasoning"><summary>${t('Reasoning')}</summary><div class="text">${reasoning}</div></details>` : nothing}
      ${this.#run()}
      ${this.made?.isWhole ? html`<sw-made-picture .picture=${this.made} .label=${t('The picture that was made')}></sw-made-picture>` : nothing}
      ${text ? html`<sw-markdown .text=${text} .isStreaming=${isStreaming} .actions=${this.actions} .decisionId=${this.entry.decision?.id} .citable=${this.citable} .sources=${this.#sources}></sw-markdown>${sourceList(this, this.#sources)}` : nothing}
      ${isStreaming && (this.entry.wait || (!text && !this.#isAtStep)) && !this.#isWaitingForUser ? html`<div class="waiting"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${this.#waitingFor()}</div>` : nothing}
      ${this.#approvals()} ${waitTools(this, this.entry)} ${this.#reviewButton()}
      ${notes?.filter((note) => note !== waitNote || !this.#isWaitingForUser).map((note) => html`<p class="note">${note}</p>`)} ${error ? this.#error(error) : this.#continueButton()}
      ${
        isStreaming
          ? nothing
          : html`<sw-about .entry=${this.entry} .explanations=${this.explanations} .canRetry=${this.canRetry} .canChange=${this.canChange} .isWaitingForUser=${this.#isWaitingForUser}></sw-about>`
      }
      <sw-answer-memories .entry=${this.entry}></sw-answer-memories>
    </article>`;
  }

  #run(): TemplateResult | typeof nothing {
    const { jobId, chatId, status } = this.entry;
    if (jobId === undefined) return nothing;
    return html`<sw-run .run=${this.run} .jobId=${jobId} .chatId=${chatId} .isStreaming=${status === 'streaming'} .actions=${this.actions} .changes=${this.changes}></sw-run>`;
  }

  #approvals(): unknown {
    const { run } = this;
    if (!run) return nothing;
    return repeat(
      run.approvals,
      ({ approval }) => approval.callId,
      ({ approval, isSent }) =>
        html`<sw-approval .jobId=${run.jobId} .approval=${approval} .isSent=${isSent} .canAlways=${this.canAlways} .canOpenDiff=${this.actions.includes('open-diff')}></sw-approval>`,
    );
  }

  /** Pages that its run has read. The same list as long as they are the same, so that nothing is rendered again. */
  get #sources(): readonly string[] {
    const sources = this.run ? sourcesOf(this.run) : [];
    if (sources.join('\n') !== this.#lastSources.join('\n')) this.#lastSources = sources;
    return this.#lastSources;
  }

  get #isWaitingForUser(): boolean {
    return this.run !== undefined && this.run.approvals.length > 0;
  }

  /** Whether a step is under way: it says so itself. */
  get #isAtStep(): boolean {
    return this.run?.calls.some(({ result }) => !result) === true;
  }

  #waitingFor(): string {
    const { decision, reasoning, wait, isPicture } = this.entry;
    if (wait) return wait.text;
    if (isPicture) return t('Making the picture…');
    if (!decision) return t('Choosing a model…');
    return reasoning ? t('{0} is thinking…', decision.model) : t('Waiting for {0}…', decision.model);
  }

  #error(error: NonNullable<Entry['error']>): TemplateResult {
    const isUnconfigured = error.code === 'no-model';
    const isAboutKey = error.code === 'auth' && this.actions.includes('set-key');
    const setKey = (): void =>
      gesture(this, { type: 'action', action: { kind: 'set-key', provider: this.entry.decision?.provider ?? '' } });
    const isStopped = error.code === 'budget-reached';
    const openBudgets = (): void => gesture(this, { type: 'action', action: { kind: 'open-budgets' } });
    const open = (panel: 'setup' | 'models') => (): void => gesture(this, { type: 'panel-toggled', panel, open: true });
    return html`<div class="error" role="alert">
      ${icons.error}
      <div>
        <p>${isUnconfigured ? t('No model is set up yet.') : withCode(error.message)}</p>
        <div class="row">
          ${isUnconfigured ? html`<vscode-button @click=${open('setup')}>${t('Set up a model')}</vscode-button>` : nothing}
          ${this.canRetry ? html`<vscode-button appearance=${isUnconfigured ? 'secondary' : 'primary'} @click=${this.#retry}>${t('Try again')}</vscode-button>` : nothing} ${this.#continueButton()}
          ${
            isUnconfigured
              ? nothing
              : html`<vscode-button appearance="secondary" @click=${open('models')}>${t('Choose another model')}</vscode-button>`
          }
          ${isStopped && this.canRetry ? html`<vscode-button appearance="secondary" title=${t('Send this question although it exceeds a budget')} @click=${this.#retryOnce}>${t('Once anyway')}</vscode-button>` : nothing}
          ${isStopped && this.actions.includes('open-budgets') ? html`<vscode-button appearance="secondary" @click=${openBudgets}>${t('Budgets…')}</vscode-button>` : nothing}
          ${isAboutKey ? html`<vscode-button appearance="secondary" @click=${setKey}>${t('Add API key…')}</vscode-button>` : nothing}
        </div>
      </div>
    </div>`;
  }

  #reviewButton(): TemplateResult | typeof nothing {
    const { chatId, id: messageId, status, text } = this.entry;
    if (status === 'streaming' || !this.actions.includes('review-edits') || !isStored(this.entry) || !hasEdits(text))
      return nothing;
    const review = (): void => gesture(this, { type: 'action', action: { kind: 'review-edits', chatId, messageId } });
    return html`<div class="row"><vscode-button appearance="secondary" title=${t('Show what this answer changes in your files, then keep or undo each change')} @click=${review}>${t('Review changes')}</vscode-button></div>`;
  }

  #continueButton(): TemplateResult | typeof nothing {
    const goesOnByRun = this.#isWaitingForUser || (this.run?.state === 'stopped' && this.run.canResume); // which has its own buttons
    if (!this.canRetry || !canContinue(this.entry) || goesOnByRun) return nothing;
    const go = (): void => gesture(this, { type: 'continued', key: this.entry.key, at: Date.now() });
    return html`<vscode-button appearance="secondary" title=${t('Continue this answer where it was cut off')} @click=${go}>${t('Continue')}</vscode-button>`;
  }

  #retryOnce(): void {
    gesture(this, { type: 'retry', key: this.entry.key, at: Date.now(), overBudget: true });
  }

  #retry(): void {
    gesture(this, { type: 'retry', key: this.entry.key, at: Date.now() });
  }
}

customElements.define('sw-message', MessageView);
