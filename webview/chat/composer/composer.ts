// <sw-composer>: where a question is written: text, mentions, attachments, the model, send and stop.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { AgentMode } from '../../../shared/protocol/agent.ts';
import type { EffectiveModel } from '../../../shared/protocol/chat.ts';
import type { Model } from '../../../shared/protocol/models.ts';
import type { HostActionKind } from '../../../shared/webview.ts';
import { fieldValue, styles } from '../../element.ts';
import { attachmentLabel, attachmentTitle, shownTokens, splitModelId } from '../../format.ts';
import { icons } from '../../icons.ts';
import { t } from '../../words.ts';
import { sourceWords } from '../answer/why-text.ts';
import { gesture } from '../gesture.ts';
import { attachmentIcons } from '../message/attachments.ts';
import type { ContextMeter } from '../state/context-meter.ts';
import { type Draft, emptyDraft, type Mention, type State } from '../state/state.ts';
import { bareMentions, type Choice, choicesFor, complete, loneMention, mentionAt } from './mentions.ts';
import './mode-picker.ts';
import './model-picker.ts';
import { slashChoices } from '../state/slash-commands.ts';
import composerStyles from './composer.css';
import { droppedUris, readGivenFiles } from './given-files.ts';
import { mentionList } from './mention-list.ts';
import { pictureRow } from './picture-row.ts';
import { queuedNote } from './queued-note.ts';

export class Composer extends LitElement {
  static override styles = styles(composerStyles);
  static override properties = {
    draft: { attribute: false },
    isEditing: { attribute: false },
    mention: { attribute: false },
    actions: { attribute: false },
    openFile: { attribute: false },
    meter: { attribute: false },
    models: { attribute: false },
    notes: { attribute: false },
    model: { attribute: false },
    meant: { attribute: false },
    modes: { attribute: false },
    mode: { attribute: false },
    prompts: { attribute: false },
    queued: { attribute: false },
    canQueue: { attribute: false },
    picking: { attribute: false },
    isBusy: { attribute: false },
    canSend: { attribute: false },
    active: { state: true },
    isTarget: { state: true },
  };
  declare draft: Draft;
  /** Whether the draft is another version of a question that was asked. */
  declare isEditing: boolean;
  declare mention: Mention | undefined;
  declare actions: readonly HostActionKind[];
  /** Offered to be attached. */
  declare openFile: State['openFile'];
  /** How full the model's context will be, where that is known. */
  declare meter: ContextMeter | undefined;
  declare models: readonly Model[];
  declare notes: readonly string[];
  declare model: string | undefined;
  declare meant: EffectiveModel;
  /** The ways to work; none where the daemon has none. */
  declare modes: readonly AgentMode[];
  /** The chosen one; none is the plain chat. */
  declare mode: AgentMode | undefined;
  /** What folders keep in files, for commands. */
  declare prompts: State['prompts'];
  /** What waits for the end of the run. */
  declare queued: Draft | undefined;
  /** Whether what is sent now waits for the end of a run. */
  declare canQueue: boolean;
  /** Which list is open. */
  declare picking: 'models' | 'modes' | undefined;
  declare isBusy: boolean;
  declare canSend: boolean;
  /** The choice that Enter takes, in the list of mentions. */
  declare active: number;
  /** Whether a file is held over it. */
  declare isTarget: boolean;

  constructor() {
    super();
    this.draft = emptyDraft;
    this.isEditing = false;
    this.actions = [];
    this.models = [];
    this.notes = [];
    this.meant = { source: 'policy' };
    this.modes = [];
    this.prompts = [];
    this.canQueue = false;
    this.isBusy = false;
    this.canSend = false;
    this.active = 0;
    this.isTarget = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('resize', this.#onResize);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('resize', this.#onResize);
  }

  focusText(): void {
    this.#textarea?.focus();
  }

  override render(): TemplateResult {
    const choices = this.#choices();
    return html`
      ${this.picking === 'modes' ? html`<sw-mode-picker .modes=${this.modes} .mode=${this.mode?.id}></sw-mode-picker>` : nothing}
      ${this.picking === 'models' ? html`<sw-model-picker .models=${this.models} .notes=${this.notes} .model=${this.model} .meant=${this.meant}></sw-model-picker>` : nothing}
      ${this.#list(choices)}
      <div class="box ${this.isTarget ? 'target' : ''}" @dragover=${this.#onDragOver} @dragleave=${this.#onDragLeave} @drop=${this.#onDrop}>
        ${this.isEditing ? this.#editing() : nothing} ${this.queued ? queuedNote(this, this.queued) : nothing}
        ${this.#chips()} ${pictureRow(this, this.draft)}
        <textarea
          dir="auto"
          rows="1" aria-label=${t('Your question')} placeholder=${this.#placeholder} .value=${this.draft.text} aria-autocomplete="list"
          aria-controls=${this.mention || choices.length > 0 ? 'mentions' : nothing} aria-activedescendant=${choices.length > 0 ? `mention-${this.active}` : nothing}
          @input=${this.#onInput} @keydown=${this.#onKeyDown} @keyup=${this.#onKeyUp} @click=${this.#look} @blur=${this.#closeMentions} @paste=${this.#onPaste}
        ></textarea>
        <div class="row bar">${this.#attachButtons()} ${this.#modeButton()} ${this.#contextShare()} ${this.#modelButton()} ${this.#sendButton()}</div>
      </div>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('mention');
    if (
      changed.has('mention') &&
      (before?.typed.query !== this.mention?.typed.query || before?.typed.kind !== this.mention?.typed.kind)
    )
      this.active = 0;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('draft')) this.#grow();
    if (changed.has('picking') && changed.get('picking') && !this.picking) this.focusText();
    if (changed.has('active'))
      this.renderRoot.querySelector(`#mention-${this.active}`)?.scrollIntoView({ block: 'nearest' });
  }

  #editing(): TemplateResult {
    return html`<div class="editing">
      ${icons.edit}<span class="name">${t('Editing. The original is kept as a version.')}</span>
      <button class="quiet square" aria-label=${t('Cancel edit')} title=${t('Cancel edit (Escape)')} @click=${() => gesture(this, { type: 'edit-cancelled' })}>${icons.close}</button>
    </div>`;
  }

  #list(choices: readonly Choice[]): TemplateResult | typeof nothing {
    const shown = this.mention ?? (choices.length > 0 ? { isLoading: false, note: undefined } : undefined);
    return shown
      ? mentionList(
          shown,
          { choices, active: this.active },
          { pick: (choice) => this.#pick(choice), point: (index) => this.#point(index) },
        )
      : nothing;
  }

  #chips(): TemplateResult | typeof nothing {
    const { attachments } = this.draft;
    const offered = this.#offered();
    if (attachments.length === 0 && !offered) return nothing;
    return html`<div class="chips">${attachments.map((attachment, index) => this.#chip(attachment, index))} ${offered}</div>`;
  }

  /** The open file, until it or a part of it is attached. */
  #offered(): TemplateResult | undefined {
    const { openFile } = this;
    const isAttached = this.draft.attachments.some(({ uri }) => uri === openFile?.uri);
    if (!openFile || isAttached || this.isEditing || !this.actions.includes('attach-files')) return undefined;
    const attach = (): void =>
      gesture(this, { type: 'action', action: { kind: 'attach-files', uris: [openFile.uri] } });
    return html`<button class="chip offered" aria-label=${t('Attach the open file, {0}', openFile.name)} title=${t('Attach the open file, {0}', openFile.name)} @click=${attach}>${icons.add}<span class="name">${openFile.name}</span></button>`;
  }

  #chip(attachment: Draft['attachments'][number], index: number): TemplateResult {
    const label = attachmentLabel(attachment);
    return html`<span class="chip" title=${attachmentTitle(attachment)}>
      ${attachmentIcons[attachment.kind]}<span class="name">${label}</span>
      <button class="quiet square small" aria-label=${t('Remove {0}', label)} @click=${() => gesture(this, { type: 'attachment-removed', index })}>${icons.close}</button>
    </span>`;
  }

  #attachButtons(): TemplateResult {
    const isEditor = this.actions.includes('attach');
    const label = isEditor ? t('Attach a picture') : t('Attach files from this computer');
    return html`${isEditor ? this.#editorButtons() : nothing}
      <button class="quiet square" aria-label=${label} title=${label} @click=${this.#chooseFiles}>${isEditor ? icons.picture : icons.attach}</button>
      <input class="chooser" type="file" multiple hidden accept=${isEditor ? pictureTypes : nothing} @change=${this.#onChosen} />`;
  }

  #editorButtons(): TemplateResult {
    const attach = (what: 'selection' | 'file') => (): void =>
      gesture(this, { type: 'action', action: { kind: 'attach', what } });
    return html`
      <button class="quiet square" aria-label=${t('Attach the selection')} title=${t('Attach the selection')} @click=${attach('selection')}>${icons.selection}</button>
      <button class="quiet square" aria-label=${t('Attach a file')} title=${t('Attach a file')} @click=${attach('file')}>${icons.attach}</button>
    `;
  }

  #chooseFiles(): void {
    this.renderRoot.querySelector<HTMLInputElement>('.chooser')?.click();
  }

  #onChosen({ target }: Event): void {
    if (!(target instanceof HTMLInputElement)) return;
    const files = [...(target.files ?? [])];
    target.value = ''; // so that the same file can be chosen again
    if (files.length > 0) void this.#take(files);
  }

  #contextShare(): TemplateResult | typeof nothing {
    if (!this.meter) return nothing;
    const { usedTokens, totalTokens } = this.meter;
    const percent = Math.round((100 * usedTokens) / totalTokens);
    const title = t(
      "About {0} of {1} tokens: this chat, and what you're writing. Older messages are left out when the context is full.",
      shownTokens(usedTokens),
      shownTokens(totalTokens),
    );
    return html`<span class="meter ${percent >= 80 ? 'high' : ''}" role="img" aria-label=${t('Context {0}% full', percent)} title=${title}>${percent}%</span>`;
  }

  get #placeholder(): string {
    if (this.canQueue) return t('Queue the next message');
    const { mode } = this;
    if (mode?.makes === 'picture') return t('Describe a picture');
    return mode && mode.tools.length > 0
      ? t('Describe a task ({0})', mode.title)
      : t('Ask about your code, @ to attach, / for commands');
  }

  #modeButton(): TemplateResult | typeof nothing {
    if (this.modes.length === 0) return nothing;
    const isOpen = this.picking === 'modes';
    const name = this.mode?.title ?? t('Chat');
    const title = t('Mode: {0}. {1}', name, this.mode?.description ?? t('Answers questions, without tools.'));
    const toggle = (): void => gesture(this, { type: 'panel-toggled', panel: 'modes', open: !isOpen });
    return html`<button class="quiet mode" aria-haspopup="listbox" aria-expanded=${isOpen} aria-label=${t('Mode: {0}', name)} title=${title} @click=${toggle}><span class="name">${name}</span>${icons.chevron}</button>`;
  }

  /** Models that make pictures are chosen in config.json. */
  #modelButton(): TemplateResult | typeof nothing {
    if (this.mode?.makes === 'picture') return nothing;
    const { model, source } = this.meant;
    const name = model === undefined ? t('Automatic') : splitModelId(model).name;
    const title =
      model === undefined
        ? t('Model: chosen automatically for each question')
        : t('Model: {0}, set by {1}', model, sourceWords[source]);
    const toggle = (): void =>
      gesture(this, { type: 'panel-toggled', panel: 'models', open: this.picking !== 'models' });
    return html`<button class="quiet model" aria-haspopup="listbox" aria-expanded=${this.picking === 'models'} aria-label=${t('Model: {0}', name)} title=${title} @click=${toggle}><span class="name">${name}</span>${icons.chevron}</button>`;
  }

  #sendButton(): TemplateResult {
    if (this.isBusy) {
      const queue = html`<button class="quiet square" aria-label=${t('Queue')} title=${t('Queue (Enter): send it when the agent has finished')} @click=${this.#submit}>${icons.send}</button>`;
      return html`${this.canQueue && !this.#isEmpty ? queue : nothing}<button class="primary square" aria-label=${t('Stop')} title=${t('Stop')} @click=${() => gesture(this, { type: 'stop' })}>${icons.stop}</button>`;
    }
    return html`<button class="primary square" aria-label=${t('Send')} title=${t('Send (Enter)')} ?disabled=${this.#isEmpty || !this.canSend} @click=${this.#submit}>${icons.send}</button>`;
  }

  get #isEmpty(): boolean {
    const { text, attachments, pictures = [] } = this.draft;
    return text.trim() === '' && attachments.length === 0 && pictures.length === 0;
  }

  /** `text` is the draft, or what the field holds when a key is pressed. */
  #choices(text = this.draft.text): Choice[] {
    if (!this.mention && !this.isEditing)
      return slashChoices(text, { canReview: this.actions.includes('run'), prompts: this.prompts }).map(
        ({ name, detail }) => ({
          kind: 'command',
          isKind: true,
          name: `/${name}`,
          detail,
        }),
      );
    return this.mention ? choicesFor(this.mention.typed, this.mention.items, this.actions.includes('attach')) : [];
  }

  #point(index: number): void {
    this.active = index;
  }

  #pick(choice: Choice): void {
    const textarea = this.#textarea;
    if (!textarea) return;
    const typed = this.mention?.typed ?? { start: 0, query: '' }; // a command stands at the start
    const { text, caret } = complete(textarea.value, textarea.selectionStart, { typed, choice });
    textarea.value = text;
    textarea.setSelectionRange(caret, caret);
    gesture(this, { type: 'draft-typed', text });
    this.#look();
    this.#grow();
  }

  /** Whether a mention is being typed is read from the caret. */
  #look(): void {
    const textarea = this.#textarea;
    if (!textarea) return;
    const typed =
      textarea.selectionStart === textarea.selectionEnd
        ? mentionAt(textarea.value, textarea.selectionStart)
        : undefined;
    gesture(this, { type: 'mention-typed', typed });
  }

  #closeMentions(): void {
    gesture(this, { type: 'mention-typed', typed: undefined });
  }

  #onInput(event: Event): void {
    gesture(this, { type: 'draft-typed', text: fieldValue(event) });
    this.#look();
    this.#grow();
  }

  #onKeyDown(event: KeyboardEvent): void {
    if ((this.mention || this.#choices(this.#textarea?.value).length > 0) && this.#onMentionKey(event))
      event.preventDefault();
    else if (event.key === 'Escape' && this.isEditing) {
      event.preventDefault();
      gesture(this, { type: 'edit-cancelled' });
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    }
  }

  /** Whether the list of mentions took the key. */
  #onMentionKey({ key, shiftKey }: KeyboardEvent): boolean {
    const choices = this.#choices(this.#textarea?.value);
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    const choice = choices[this.active];
    if (step !== undefined && choices.length > 0) this.active = (this.active + step + choices.length) % choices.length;
    else if (key === 'Escape') this.#closeMentions();
    else if ((key === 'Enter' || key === 'Tab') && !shiftKey && choice && !this.#endsQuestion(choice))
      this.#pick(choice);
    else return false;
    return true;
  }

  /**
   * A mention that is typed out behind a question is sent with it. One that stands alone is completed: the question is still to come.
   * Read from the field itself: what is shown may be a frame behind the keys.
   */
  #endsQuestion(choice: Choice): boolean {
    const { value = '', selectionStart = 0 } = this.#textarea ?? {};
    if (choice.kind === 'command') return value === choice.name;
    const typed = mentionAt(value, selectionStart);
    const isKind = typed !== undefined && typed.kind === undefined && bareMentions.has(typed.query);
    return isKind && loneMention(value) === undefined;
  }

  /** Keys that move the caret. */
  #onKeyUp({ key }: KeyboardEvent): void {
    if (['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(key)) this.#look();
  }

  #onPaste(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void this.#take(files);
  }

  #onDragOver(event: DragEvent): void {
    event.preventDefault();
    this.isTarget = true;
  }

  #onDragLeave(): void {
    this.isTarget = false;
  }

  #onDrop(event: DragEvent): void {
    event.preventDefault();
    this.isTarget = false;
    const files = [...(event.dataTransfer?.files ?? [])];
    const uris = droppedUris(event);
    if (uris.length > 0 && this.actions.includes('attach-files'))
      gesture(this, { type: 'action', action: { kind: 'attach-files', uris } });
    else if (files.length > 0) void this.#take(files);
  }

  async #take(files: readonly File[]): Promise<void> {
    gesture(this, { type: 'files-given', ...(await readGivenFiles(files)) });
  }

  #submit(): void {
    this.#closeMentions();
    gesture(this, { type: 'submit', at: Date.now() });
  }

  /** As high as its text, up to the limit of the style sheet. */
  readonly #onResize = (): void => this.#grow();

  #grow(): void {
    const textarea = this.#textarea;
    if (!textarea) return;
    textarea.style.height = 'auto';
    textarea.style.height = `${textarea.scrollHeight}px`;
  }

  get #textarea(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector('textarea');
  }
}

const pictureTypes = 'image/png,image/jpeg,image/gif,image/webp';

customElements.define('sw-composer', Composer);
