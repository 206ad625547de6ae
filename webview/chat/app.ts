// <sw-chat>: the whole view. Shows the state it is given, and hands every gesture up as an event; holds nothing itself.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { t } from '../words.ts';
import appStyles from './app.css';
import { matchingChats } from './state/chats.ts';
import { contextMeter } from './state/context-meter.ts';
import { chosenMode, isHeldBack } from './state/runs/modes.ts';
import {
  chatTitle,
  initialState,
  isAnswering,
  meantModel,
  type State,
  shownEntries,
  shownRun,
  waitingChats,
} from './state/state.ts';
import './chat-list.ts';
import type { Composer } from './composer/composer.ts';
import './composer/composer.ts';
import { styles } from '../element.ts';
import { icons } from '../icons.ts';
import { gesture } from './gesture.ts';
import './memory-list.ts';
import './profile-list.ts';
import './setup-card.ts';
import './transcript.ts';
import './welcome.ts';

export class ChatApp extends LitElement {
  static override styles = styles(appStyles);
  static override properties = { state: { attribute: false } };
  declare state: State;

  constructor() {
    super();
    this.state = initialState;
  }

  /** Waits until the next state is shown, since a panel that closes would take the focus with it. */
  focusComposer(): void {
    requestAnimationFrame(() => setTimeout(() => this.renderRoot.querySelector<Composer>('sw-composer')?.focusText()));
  }

  override render(): TemplateResult {
    return html`
      <div class="view" @keydown=${this.#onKeyDown}>
        ${this.#header()} ${this.#trust()} ${this.#index()} ${this.#banner()} ${this.#problem()}
        <main>${this.#body()}</main>
        ${this.#composer()}
        <div class="unseen" role="status" aria-live="polite">${this.state.announcement}</div>
      </div>
    `;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get('state');
    if (before?.panel === 'chats' && this.state.panel === undefined)
      this.renderRoot.querySelector<HTMLElement>('.title')?.focus();
    if (before?.panel === 'profiles' && this.state.panel === undefined)
      this.renderRoot.querySelector<HTMLElement>('.profile')?.focus();
    if (this.state.host === 'browser' && before)
      document.title = waitingChats(this.state).size > 0 ? `${t('Waiting for you')} · Switchyard` : 'Switchyard';
  }

  #header(): TemplateResult {
    const title = chatTitle(this.state);
    const isOpen = this.state.panel === 'chats';
    const others = [...waitingChats(this.state)].some((chatId) => chatId !== this.state.chatId);
    const waits = others
      ? html`<span class="waits" role="img" aria-label=${t('The agent waits for you in another chat')}>${icons.question}</span>`
      : nothing;
    return html`
      <header>
        <button class="title quiet" aria-expanded=${isOpen} aria-haspopup="dialog" title=${others ? t('Chats: the agent waits for you in another one') : t('Chats')} @click=${() => this.#toggleChats(!isOpen)}>
          ${icons.history}<span class="name">${title}</span>${waits}${icons.chevron}
        </button>
        ${this.#profile()}
        <button class="quiet square" aria-label=${t('Memories')} title=${t('Memories')} aria-expanded=${this.state.panel === 'memories'} @click=${this.#toggleMemories}>${icons.memory}</button>
        <button class="quiet square" aria-label=${t('New chat')} title=${t('New chat')} @click=${() => gesture(this, { type: 'new-chat' })}>${icons.add}</button>
      </header>
    `;
  }

  /** Nothing where there is only one profile. */
  #profile(): TemplateResult | typeof nothing {
    const { profile, actions, host, panel } = this.state;
    if (!profile || profile.isOnlyOne) return nothing;
    const isSwitchable = actions.includes('switch-profile');
    const title = t(
      "Profile: {0}. Profiles are isolated: chats, findings, and costs aren't shared between them.{1}",
      profile.name,
      isSwitchable ? t(' Press to switch.') : '',
    );
    // An editor shows a list of its own.
    const press = (): void =>
      gesture(
        this,
        host === 'vscode'
          ? { type: 'action', action: { kind: 'switch-profile' } }
          : { type: 'panel-toggled', panel: 'profiles', open: panel !== 'profiles' },
      );
    return html`<button class="quiet profile" aria-label=${t('Profile {0}', profile.name)} aria-expanded=${host === 'vscode' ? nothing : panel === 'profiles'} title=${title} ?disabled=${!isSwitchable} @click=${press}>${icons.profile}<span class="name">${profile.name}</span></button>`;
  }

  /** Before a task is given that could read nothing. */
  #trust(): TemplateResult | typeof nothing {
    if (!isHeldBack(this.state)) return nothing;
    return html`<div class="strip" role="status">
      <span class="name whole">${t("This folder isn't trusted, so tasks can't read or change its files.")}</span>
      <button class="link" @click=${() => gesture(this, { type: 'action', action: { kind: 'manage-trust' } })}>${t('Manage Trust')}</button>
    </div>`;
  }

  /** How far the code is indexed, while that limits what `@` finds. */
  #index(): TemplateResult | typeof nothing {
    const { index, actions } = this.state;
    if (!index || index.state === 'ready' || index.state === 'off') return nothing;
    const isWorking = index.state === 'scanning';
    const failure = index.state === 'failed' ? icons.error : nothing;
    return html`<div class="strip" role="status">
      ${isWorking ? html`<vscode-progress-ring></vscode-progress-ring>` : failure}<span class="name" title=${index.detail}>${index.detail}</span>
      ${
        !isWorking && actions.includes('refresh-index')
          ? html`<button class="link" @click=${() => gesture(this, { type: 'action', action: { kind: 'refresh-index' } })}>${t('Index now')}</button>`
          : nothing
      }
    </div>`;
  }

  #banner(): TemplateResult | typeof nothing {
    const { state, detail } = this.state.connection;
    if (state === 'connected') return nothing;
    const text = {
      connecting: t('Connecting to Switchyard…'),
      reconnecting: t('Reconnecting to Switchyard…'),
      lost: t("Can't connect to Switchyard."),
    }[state];
    return html`<div class="banner ${state}" role="status">
      ${state === 'lost' ? icons.error : html`<vscode-progress-ring></vscode-progress-ring>`}
      <span>${text}${detail ? html` <span class="quiet-text">${detail}</span>` : nothing}</span>
      ${state === 'lost' ? this.#actionLink('restart-daemon', t('Restart Daemon')) : nothing}
      ${this.#actionLink('show-log', t('Show log'))}
    </div>`;
  }

  #actionLink(kind: 'restart-daemon' | 'show-log', label: string): TemplateResult | typeof nothing {
    if (!this.state.actions.includes(kind)) return nothing;
    return html`<button class="link" @click=${() => gesture(this, { type: 'action', action: { kind } })}>${label}</button>`;
  }

  #problem(): TemplateResult | typeof nothing {
    if (!this.state.problem) return nothing;
    return html`<div class="banner problem" role="alert">
      ${icons.error}<span>${this.state.problem}</span>
      <button class="quiet square" aria-label=${t('Dismiss')} @click=${() => gesture(this, { type: 'problem-dismissed' })}>${icons.close}</button>
    </div>`;
  }

  #body(): TemplateResult {
    const { state } = this;
    const list = html`<sw-chat-list
      .chats=${matchingChats(state.chats)} .search=${state.chats.search} .chatId=${state.chatId} .hasMore=${state.chats.next !== undefined}
      .isLoading=${state.chats.isLoading} .canExport=${state.actions.includes('save-export')} .hasHistory=${state.actions.includes('open-history')} .waiting=${waitingChats(state)}
    ></sw-chat-list>`;
    if (state.panel === 'chats') return list;
    if (state.panel === 'profiles')
      return html`<sw-profile-list .profiles=${state.profiles} .current=${state.profile?.id}></sw-profile-list>`;
    if (state.panel === 'memories') return html`<sw-memories .memories=${state.memories}></sw-memories>`;
    const entries = shownEntries(state);
    const isEmpty =
      entries.length === 0 && state.transcript.loading === undefined && state.transcript.error === undefined;
    const needsModel = isEmpty && state.setup !== undefined && !state.setup.configured;
    if (state.setup && (state.panel === 'setup' || needsModel)) {
      return html`<sw-setup-card .setup=${state.setup} .pulls=${state.pulls} .actions=${state.actions} .canClose=${!needsModel}></sw-setup-card>`;
    }
    if (isEmpty)
      return html`<sw-welcome .actions=${state.actions} .chats=${state.chats.items} .meant=${meantModel(state)} .folder=${state.folder} .hasOpenFile=${state.openFile !== undefined}></sw-welcome>`;
    return html`<sw-transcript
      .chatKey=${state.chatId ?? ''} .entries=${entries} .transcript=${state.transcript} .actions=${state.actions} .spot=${state.spot}
      .isBusy=${isAnswering(state)} .canRetry=${state.connection.state === 'connected'} .explanations=${state.explanations}
      .confirmedPaths=${state.confirmedPaths} .editingKey=${state.editing?.key} .runs=${state.runs} .canAlways=${state.host === 'vscode'} .changes=${state.changes} .made=${state.made}
    ></sw-transcript>`;
  }

  #composer(): TemplateResult {
    const { state } = this;
    return html`<sw-composer
      .draft=${state.draft} .isEditing=${state.editing !== undefined} .mention=${state.mention} .actions=${state.actions} .models=${state.models} .notes=${state.modelNotes} .model=${state.model}
      .meant=${meantModel(state)} .openFile=${state.openFile} .meter=${contextMeter(state)}
      .modes=${state.modes} .mode=${chosenMode(state)} .prompts=${state.prompts} .queued=${state.queued[state.chatId ?? '']?.draft} .canQueue=${shownRun(state) !== undefined}
      .picking=${state.panel === 'models' || state.panel === 'modes' ? state.panel : undefined} .isBusy=${isAnswering(state) || state.queuedAt !== undefined}
      .canSend=${state.connection.state === 'connected'}
    ></sw-composer>`;
  }

  #toggleChats(open: boolean): void {
    gesture(this, { type: 'panel-toggled', panel: 'chats', open });
  }

  #toggleMemories(): void {
    gesture(this, { type: 'panel-toggled', panel: 'memories', open: this.state.panel !== 'memories' });
  }

  #onKeyDown(event: KeyboardEvent): void {
    const { panel } = this.state;
    if (event.key !== 'Escape' || panel === undefined || event.defaultPrevented) return;
    event.preventDefault();
    gesture(this, { type: 'panel-toggled', panel, open: false });
  }
}

customElements.define('sw-chat', ChatApp);

declare global {
  interface HTMLElementTagNameMap {
    'sw-chat': ChatApp;
  }
}
