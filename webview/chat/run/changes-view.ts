// <sw-run-changes>: what a run changed, where no editor shows it: one diff by file, to be kept or undone, and what an undo came to.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { AgentChangedFile } from '../../../shared/protocol/agent.ts';
import { styles } from '../../element.ts';
import { icons } from '../../icons.ts';
import { plural, t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import type { RunChanges, UndoScope } from '../state/runs/run.ts';
import { diffOfHunks } from './hunk-diff.ts';
import runStyles from './run.css';
import { oneLine, shownDiff } from './shown-text.ts';

export class RunChangesView extends LitElement {
  static override styles = styles(runStyles);
  static override properties = { jobId: { attribute: false }, changes: { attribute: false } };
  declare jobId: string;
  declare changes: RunChanges;

  override render(): TemplateResult {
    const { asked, files, isBusy, problem } = this.changes;
    return html`<div class="run">
      ${asked ? this.#question(asked) : nothing}
      ${isBusy ? html`<vscode-progress-ring aria-label=${t('Working')}></vscode-progress-ring>` : nothing}
      ${problem ? html`<p class="note" role="alert">${oneLine(problem)}</p>` : nothing}
      ${this.#undone()} ${files ? this.#review(files) : nothing}
    </div>`;
  }

  protected override updated(): void {
    if (this.changes.asked)
      this.renderRoot.querySelector<HTMLElement>('.approval')?.scrollIntoView({ block: 'nearest' });
  }

  #question(asked: UndoScope): TemplateResult {
    const answer =
      (isAgreed: boolean) =>
      (event: Event): void => {
        if (event.isTrusted) gesture(this, { type: 'undo-answered', jobId: this.jobId, isAgreed });
      };
    return html`<section class="approval" role="group" aria-label=${t('Undo')}>
      <p class="asked">${icons.question}<span>${this.#questionAbout(asked)}</span></p>
      <p class="detail">${t('Files go back to what they were before. Files that changed since then stay as they are.')}</p>
      <div class="row wrap">
        <button class="primary" @click=${answer(true)}>${t('Undo Now')}</button>
        <button class="secondary" @click=${answer(false)}>${t('Cancel')}</button>
      </div>
    </section>`;
  }

  #questionAbout({ step, uri }: UndoScope): string {
    const file = this.changes.files?.find((each) => each.uri === uri);
    if (file) return t('Undo what the agent changed in {0}?', oneLine(file.path));
    return step === undefined
      ? t('Undo everything the agent changed in this run?')
      : t('Undo what the agent changed in this step and after it?');
  }

  #undone(): TemplateResult | typeof nothing {
    const { undone } = this.changes;
    if (!undone) return nothing;
    const { restored, conflicts, step } = undone;
    const redo = (event: Event): void => {
      if (event.isTrusted) gesture(this, { type: 'undo-taken-back', jobId: this.jobId });
    };
    return html`<div role="status">
      <p class="row wrap"><span>${plural(restored.length, ['{0} file restored.', '{0} files restored.'])}</span>
        ${step === undefined ? nothing : html`<button class="link" title=${t("Put the agent's changes back")} @click=${redo}>${t('Redo')}</button>`}</p>
      ${conflicts.map(({ path, why }) => html`<p class="note">${oneLine(path)}: ${oneLine(why)}</p>`)}
    </div>`;
  }

  #review(files: readonly AgentChangedFile[]): TemplateResult {
    const { kept, notes } = this.changes;
    const left = files.filter(({ path }) => !kept.includes(path));
    const close = (): void => gesture(this, { type: 'changes-closed', jobId: this.jobId });
    return html`<section class="review" aria-label=${t("Agent's changes")}>
      <div class="row wrap">
        <span class="title">${left.length === 0 ? t('No changes left to review.') : plural(left.length, ['{0} changed file', '{0} changed files'])}</span>
        <button class="link" @click=${close}>${t('Close')}</button>
      </div>
      ${notes.map((note) => html`<p class="note">${oneLine(note)}</p>`)} ${left.map((file) => this.#file(file))}
    </section>`;
  }

  #file({ uri, path, hunks, isNew, isDeleted }: AgentChangedFile): TemplateResult {
    const { jobId } = this;
    const keep = (): void => gesture(this, { type: 'change-kept', jobId, path });
    const undo = (): void => gesture(this, { type: 'action', action: { kind: 'undo-run', jobId, uri } });
    const deleted = isDeleted ? t('Deleted') : undefined;
    const what = isNew ? t('Created') : deleted;
    return html`<article class="file-change" aria-label=${oneLine(path)}>
      <div class="row">
        <span class="name">${oneLine(path)}</span>${what ? html`<span class="detail">${what}</span>` : nothing}
        <span class="row tools">
          <button class="secondary" title=${t('Keep this file as the agent left it')} @click=${keep}>${t('Keep')}</button>
          <button class="secondary" title=${t('Put this file back as it was before the run')} ?disabled=${this.changes.isBusy} @click=${undo}>${t('Undo')}</button>
        </span>
      </div>
      ${hunks.length > 0 ? shownDiff(diffOfHunks(hunks), t('What changed in {0}', oneLine(path))) : nothing}
    </article>`;
  }
}

customElements.define('sw-run-changes', RunChangesView);
