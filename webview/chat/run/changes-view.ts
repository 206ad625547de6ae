// <sw-run-changes>: what a run changed, where no editor shows it: one diff by file, to be kept or undone, and what an undo came to.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { AgentChangedFile } from '../../../shared/protocol/agent.ts';
import { styles } from '../../element.ts';
import { icons } from '../../icons.ts';
import { plural, t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import type { Gesture } from '../state/messages.ts';
import { hidesKept, shownFiles } from '../state/runs/changes.ts';
import type { RunChanges, UndoScope } from '../state/runs/run.ts';
import { hunkDiffs } from './hunk-diff.ts';
import runStyles from './run.css';
import { oneLine, shownDiff } from './shown-text.ts';

interface HunkHead extends Pick<AgentChangedFile['hunks'][number], 'id' | 'by' | 'isKept'> {
  uri: string;
  path: string;
  /** Its number, of how many, and the file's path. */
  name: readonly [number, number, string];
  /** Of all that are shown of the file. */
  ids: readonly string[];
}

export class RunChangesView extends LitElement {
  static override styles = styles(runStyles);
  static override properties = { jobId: { attribute: false }, changes: { attribute: false } };
  declare jobId: string;
  declare changes: RunChanges;
  /** Buttons of the hunks around the one that was decided about: the first that is there then gets the focus that was on it. */
  #focusNext: string[] = [];

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
    if (this.#focusNext.length > 0 && !this.changes.isBusy) this.#focus();
  }

  /** The next hunk's, else what takes an undo back, else the review. */
  #focus(): void {
    const buttons = [...this.renderRoot.querySelectorAll<HTMLButtonElement>('button')];
    const next = this.#focusNext.map((name) => buttons.find(({ dataset }) => dataset['name'] === name)).find(Boolean);
    this.#focusNext = [];
    (next ?? buttons[0])?.focus();
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
    const { undone, undoing } = this.changes;
    if (!undone) return nothing;
    const { restored, conflicts, step } = undone;
    const isOfHunks = undoing?.hunks !== undefined;
    const done = isOfHunks
      ? t('Change undone.')
      : plural(restored.length, ['{0} file restored.', '{0} files restored.']);
    const redo = (event: Event): void => {
      if (event.isTrusted) gesture(this, { type: 'undo-taken-back', jobId: this.jobId });
    };
    return html`<div role="status">
      <p class="row wrap">${isOfHunks && restored.length === 0 ? nothing : html`<span>${done}</span>`}
        ${step === undefined ? nothing : html`<button class="link" title=${t("Put the agent's changes back")} @click=${redo}>${t('Redo')}</button>`}</p>
      ${conflicts.map(({ path, why }) => html`<p class="note">${oneLine(path)}: ${oneLine(why)}</p>`)}
    </div>`;
  }

  #review(files: readonly AgentChangedFile[]): TemplateResult {
    const { notes } = this.changes;
    const shown = shownFiles(this.changes);
    const left = files.filter(({ isKept }) => !isKept);
    const close = (): void => gesture(this, { type: 'changes-closed', jobId: this.jobId });
    const showKept = (): void => gesture(this, { type: 'kept-wanted', jobId: this.jobId });
    return html`<section class="review" aria-label=${t("Agent's changes")}>
      <div class="row wrap">
        <span class="title">${left.length === 0 ? t('No changes left to review.') : plural(left.length, ['{0} changed file', '{0} changed files'])}</span>
        ${hidesKept(this.changes) ? html`<button class="link" title=${t('Show the changes that you kept too, for example to undo one')} @click=${showKept}>${t('Show Kept Changes')}</button>` : nothing}
        <button class="link" @click=${close}>${t('Close')}</button>
      </div>
      ${notes.map((note) => html`<p class="note">${oneLine(note)}</p>`)} ${shown.map((file) => this.#file(file))}
    </section>`;
  }

  #file({ uri, path, hunks, isNew, isDeleted, isKept }: AgentChangedFile): TemplateResult {
    const { jobId } = this;
    const keep = (event: Event): void => {
      if (event.isTrusted) gesture(this, { type: 'change-kept', jobId, uri });
    };
    const undo = (): void => gesture(this, { type: 'action', action: { kind: 'undo-run', jobId, uri } });
    const deleted = isDeleted ? t('Deleted') : undefined;
    const what = isNew ? t('Created') : deleted;
    return html`<article class="file-change" aria-label=${oneLine(path)}>
      <div class="row">
        <span class="name">${oneLine(path)}</span>${what ? html`<span class="detail">${what}</span>` : nothing}
        ${isKept ? html`<span class="detail">${t('Kept')}</span>` : nothing}
        <span class="row tools">
          ${isKept ? nothing : html`<button class="secondary" title=${t('Keep this file as the agent left it')} @click=${keep}>${t('Keep')}</button>`}
          <button class="secondary" title=${t('Put this file back as it was before the run')} ?disabled=${this.changes.isBusy} @click=${undo}>${t('Undo')}</button>
        </span>
      </div>
      ${this.#hunks({ uri, path, hunks })}
    </article>`;
  }

  /** One by one where there are several; what only others wrote isn't shown. */
  #hunks({ uri, path, hunks }: Pick<AgentChangedFile, 'uri' | 'path' | 'hunks'>): TemplateResult | typeof nothing {
    const diffs = hunkDiffs(hunks);
    if (hunks.length === 0) return nothing;
    if (hunks.length === 1) return shownDiff(diffs.join('\n'), t('What changed in {0}', oneLine(path)));
    const shown = hunks.flatMap((hunk, at) => (hunk.by === 'others' ? [] : [{ ...hunk, diff: diffs[at] ?? '' }]));
    return html`${shown.map(({ id, by, isKept, diff }, at) => {
      const name = [at + 1, shown.length, oneLine(path)] as const;
      const label = t('Change {0} of {1} in {2}', ...name);
      return html`<section class="hunk" role="group" aria-label=${label}>
        ${this.#hunkHead({ uri, path, id, by, isKept, name, ids: shown.map((each) => each.id) })} ${shownDiff(diff, label)}
      </section>`;
    })}`;
  }

  #hunkHead({ uri, path, id, by, isKept, name, ids }: HunkHead): TemplateResult {
    const { jobId } = this;
    const decide = (verb: 'keep' | 'undo', message: Gesture) => (event: Event) => {
      if (!event.isTrusted) return;
      const at = ids.indexOf(id);
      this.#focusNext = [...ids.slice(at + 1), ...ids.slice(0, at).reverse()].map((each) =>
        buttonName(verb, path, each),
      );
      gesture(this, message);
    };
    const keep = html`<button class="secondary" data-name=${buttonName('keep', path, id)} aria-label=${t('Keep change {0} of {1} in {2}', ...name)} title=${t('Keep this change')} @click=${decide('keep', { type: 'hunk-kept', jobId, uri, id })}>${t('Keep')}</button>`;
    const undo = html`<button class="secondary" data-name=${buttonName('undo', path, id)} aria-label=${t('Undo change {0} of {1} in {2}', ...name)} title=${t('Undo this change and nothing else')} ?disabled=${this.changes.isBusy} @click=${decide('undo', { type: 'hunk-undone', jobId, uri, id })}>${t('Undo')}</button>`;
    return html`<div class="row wrap">
      <span class="detail">${t('Change {0} of {1}', name[0], name[1])}</span>
      ${isKept ? html`<span class="detail">${t('Kept')}</span>` : nothing}
      ${by === 'both' ? html`<span class="detail">${t('You or another program changed these lines too.')}</span>` : nothing}
      <span class="row tools">${isKept ? nothing : keep}${by === 'both' ? nothing : undo}</span>
    </div>`;
  }
}

function buttonName(verb: 'keep' | 'undo', path: string, id: string): string {
  return JSON.stringify([verb, path, id]);
}

customElements.define('sw-run-changes', RunChangesView);
