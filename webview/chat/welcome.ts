// <sw-welcome>: a chat without messages: what can be begun here, the latest chats, and the model and folder it works with.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Chat, EffectiveModel } from '../../shared/protocol/chat.ts';
import type { HostAction, HostActionKind } from '../../shared/webview.ts';
import { styles } from '../element.ts';
import { formatAge } from '../format.ts';
import { icons } from '../icons.ts';
import { t } from '../words.ts';
import { gesture } from './gesture.ts';
import welcomeStyles from './welcome.css';

type Starter = Extract<HostAction, { kind: 'run' }>['what'];

/** `ofFile`: with a file that is open in the editor alone. */
const starters: readonly { what: Starter; label: string; icon: TemplateResult; ofFile?: true }[] = [
  { what: 'review-file', label: t('Review this file'), icon: icons.check, ofFile: true },
  { what: 'explain-selection', label: t('Explain the selection'), icon: icons.selection, ofFile: true },
  { what: 'review-changes', label: t('Review changes'), icon: icons.diff },
];
const maxRecent = 3;

export class Welcome extends LitElement {
  static override styles = styles(welcomeStyles);
  static override properties = {
    actions: { attribute: false },
    chats: { attribute: false },
    meant: { attribute: false },
    folder: { attribute: false },
    hasOpenFile: { type: Boolean, attribute: false },
  };
  declare actions: readonly HostActionKind[];
  /** The latest first. */
  declare chats: readonly Chat[];
  declare meant: EffectiveModel;
  declare folder: string | undefined;
  declare hasOpenFile: boolean;

  constructor() {
    super();
    this.actions = [];
    this.chats = [];
    this.meant = { source: 'policy' };
    this.hasOpenFile = false;
  }

  override render(): TemplateResult {
    const offered = starters.filter(({ ofFile }) => this.hasOpenFile || !ofFile);
    const canAttach = this.actions.includes('attach');
    return html`<section>
      <div class="mark">${icons.switchyard}</div>
      <h1>${t('Ask about your code')}</h1>
      <p>${canAttach ? t('Type @ to attach files, / for commands.') : t('Type @ to attach files, or paste code.')}</p>
      ${this.actions.includes('run') ? html`<div class="starters">${offered.map((starter) => this.#starter(starter))}</div>` : nothing}
      ${this.chats.length > 0 ? this.#recent() : nothing}
      <p class="place">${this.#place()}</p>
    </section>`;
  }

  #starter({ what, label, icon }: (typeof starters)[number]): TemplateResult {
    const run = (): void => gesture(this, { type: 'action', action: { kind: 'run', what } });
    return html`<button class="starter" @click=${run}>${icon}<span>${label}</span></button>`;
  }

  #recent(): TemplateResult {
    const row = ({ id, title, updatedAt }: Chat): TemplateResult =>
      html`<li><button class="recent quiet" @click=${() => gesture(this, { type: 'chat-chosen', chatId: id })}>
        <span class="name">${title || t('Untitled')}</span><span class="age">${formatAge(updatedAt, Date.now())}</span>
      </button></li>`;
    return html`<nav aria-label=${t('Recent chats')}><h2>${t('Recent chats')}</h2><ul>${this.chats.slice(0, maxRecent).map(row)}</ul></nav>`;
  }

  /** The model that will answer, and the folder whose code is searched. */
  #place(): TemplateResult {
    const { model } = this.meant;
    return html`${t('Model:')} ${model ?? t('Automatic')}${this.folder === undefined ? nothing : html` ${t('· Folder: {0}', this.folder)}`}`;
  }
}

customElements.define('sw-welcome', Welcome);
