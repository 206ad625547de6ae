// <sw-approval>: what a run waits for: exactly what would be done, and the user's decision. It holds for what is shown here and nothing else.
// A decision is a press of a person's on a button: nothing that is typed allows anything, and buttons take no press in their first moment.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { AgentApproval } from '../../../shared/protocol/agent.ts';
import { alwaysWords } from '../../../shared/words/always-words.ts';
import { fieldValue, styles } from '../../element.ts';
import { icons } from '../../icons.ts';
import { plural, t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import type { RunDecision } from '../state/runs/run.ts';
import runStyles from './run.css';
import { exactText, oneLine, shownDiff } from './shown-text.ts';

/** Who is pressing or typing when it appears doesn't mean it. */
const armedAfterMs = 500;
const maxReplyChars = 10_000;

export class ApprovalView extends LitElement {
  static override styles = styles(runStyles);
  static override properties = {
    jobId: { attribute: false },
    approval: { attribute: false },
    isSent: { attribute: false },
    canAlways: { attribute: false },
    canOpenDiff: { attribute: false },
    isArmed: { state: true },
    reply: { state: true },
  };
  declare jobId: string;
  declare approval: AgentApproval;
  /** Whether it was decided, and the daemon hasn't answered yet. */
  declare isSent: boolean;
  /** Whether this page may decide for longer than this call. */
  declare canAlways: boolean;
  /** Whether the host shows a diff where there is more room. */
  declare canOpenDiff: boolean;
  declare isArmed: boolean;
  declare reply: string;
  #arming: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.isSent = false;
    this.canAlways = false;
    this.canOpenDiff = false;
    this.isArmed = false;
    this.reply = '';
  }

  override render(): TemplateResult {
    const { text, taint, run, diff, input, kind } = this.approval;
    return html`<section class="approval" role="group" tabindex="-1" aria-label=${t('Waiting for you')} aria-describedby="asked">
      <p id="asked" class="asked">${icons.question}<span>${oneLine(text)}</span></p>
      ${taint === undefined ? nothing : html`<p class="taint" role="note">${icons.problems}<span>${oneLine(taint)}</span></p>`}
      ${run ? this.#program(run) : nothing}
      ${diff === undefined ? nothing : this.#diff(diff)}
      ${input === undefined ? nothing : html`<pre class="input" tabindex="0" aria-label=${t('What it is given')}>${exactText(input)}</pre>`}
      ${kind === 'ask' ? this.#answers() : this.#decisions()}
    </section>`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.#isAnother(changed)) return;
    this.isArmed = false;
    this.reply = '';
    clearTimeout(this.#arming);
    this.#arming = setTimeout(() => {
      this.isArmed = true;
    }, armedAfterMs);
  }

  /** Whether something else is asked than before, if only about the same call. */
  #isAnother(changed: PropertyValues<this>): boolean {
    const before = changed.get('approval');
    return changed.has('approval') && (before?.callId !== this.approval.callId || before.mark !== this.approval.mark);
  }

  /** The keyboard comes here, to no button, unless the user is writing, or works outside of this page. */
  protected override updated(changed: PropertyValues<this>): void {
    if (this.#isAnother(changed) && document.hasFocus() && !isWriting())
      this.renderRoot.querySelector<HTMLElement>('.approval')?.focus();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#arming);
  }

  #program({ argv, folder, scripts, network }: NonNullable<AgentApproval['run']>): TemplateResult {
    return html`<dl>
      <dt>${t('Program')}</dt>
      <dd><ol class="argv" aria-label=${plural(argv.length - 1, ['Program and {0} argument', 'Program and {0} arguments'])}>${argv.map((word) => html`<li><code>${exactText(word)}</code></li>`)}</ol></dd>
      <dt>${t('Folder')}</dt>
      <dd><code>${exactText(folder)}</code></dd>
      ${
        scripts.length > 0
          ? html`<dt>${t('Scripts')}</dt><dd>${scripts.map(({ path, sha256 }) => html`<div title=${t('SHA-256 {0}', sha256)}><code>${exactText(path)}</code> <span class="detail">${sha256.slice(0, 12)}</span></div>`)}</dd>`
          : nothing
      }
      <dt>${t('Network')}</dt>
      <dd>${network === 'off' ? t('Off') : t('On: it can send data to other machines')}</dd>
    </dl>`;
  }

  #diff(diff: string): TemplateResult {
    const open = (): void => gesture(this, { type: 'action', action: { kind: 'open-diff', diff } });
    return html`${shownDiff(diff, t('What would change'))}
      ${this.canOpenDiff ? html`<div class="row wrap"><button class="link" title=${t('Show it in an editor, where lines have more room')} @click=${open}>${t('Open Diff')}</button></div>` : nothing}`;
  }

  #decisions(): TemplateResult {
    const { kind, canAlways } = this.approval;
    const always = canAlways && this.canAlways;
    return html`${this.#replyField(t('Why not, or what to do instead'), 'deny')}
      <div class="row wrap">
        ${this.#button(t('Allow Once'), 'once', 'primary')}
        ${always ? this.#button(t('Always'), 'always', 'secondary', t(alwaysWords(kind).detail)) : nothing}
        ${this.#button(t("Don't Allow"), 'deny', 'secondary')}
      </div>`;
  }

  /** A question of the model's own: whatever is answered, nothing is done by it. */
  #answers(): TemplateResult {
    const choose =
      (reply: string) =>
      (event: Event): void =>
        this.#decide(event, 'once', reply);
    return html`
      ${this.approval.choices?.map(
        (choice) =>
          html`<button class="secondary choice" ?disabled=${!this.#isReady} @click=${choose(choice)}>${oneLine(choice)}</button>`,
      )}
      ${this.#replyField(t('Your answer'), 'once')}
      <div class="row wrap">
        <button class="primary" ?disabled=${!this.#isReady || this.reply.trim() === ''} @click=${(event: Event) => this.#decide(event, 'once')}>${t('Answer')}</button>
        ${this.#button(t("Don't Answer"), 'deny', 'secondary')}
      </div>`;
  }

  /** `onEnter` never is to allow: of a question it answers, of anything else it refuses. */
  #replyField(label: string, onEnter: 'deny' | 'once'): TemplateResult {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || this.reply.trim() === '') return;
      event.preventDefault();
      this.#decide(event, onEnter);
    };
    return html`<input class="field" type="text" aria-label=${label} placeholder=${label} maxlength=${maxReplyChars} .value=${this.reply} ?disabled=${this.isSent} @input=${this.#onReply} @keydown=${onKeyDown} />`;
  }

  #button(label: string, decision: RunDecision, look: 'primary' | 'secondary', title = ''): TemplateResult {
    return html`<button class=${look} title=${title || nothing} ?disabled=${!this.#isReady} @click=${(event: Event) => this.#decide(event, decision)}>${label}</button>`;
  }

  get #isReady(): boolean {
    return this.isArmed && !this.isSent;
  }

  #onReply(event: Event): void {
    this.reply = fieldValue(event);
  }

  #decide(event: Event, decision: RunDecision, reply = this.reply.trim()): void {
    if (!event.isTrusted || this.isSent) return;
    const { callId } = this.approval;
    gesture(this, { type: 'run-decided', jobId: this.jobId, callId, decision, reply: reply || undefined });
  }
}

/** Whether the keyboard is in a field that something is written in. */
function isWriting(): boolean {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return (active instanceof HTMLTextAreaElement || active instanceof HTMLInputElement) && active.value !== '';
}

customElements.define('sw-approval', ApprovalView);
