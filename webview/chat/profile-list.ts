// <sw-profile-list>: the profiles to choose from, where no editor has a list of its own for them.
import { html, LitElement, type TemplateResult } from 'lit';
import type { Profile } from '../../shared/protocol/profiles.ts';
import { styles } from '../element.ts';
import { icons } from '../icons.ts';
import { t } from '../words.ts';
import { gesture } from './gesture.ts';
import panelStyles from './panels.css';

export class ProfileList extends LitElement {
  static override styles = styles(panelStyles);
  static override properties = { profiles: { attribute: false }, current: { attribute: false } };
  declare profiles: readonly Profile[];
  /** The id of the one that is worked in. */
  declare current: string | undefined;
  #isFocused = false;

  constructor() {
    super();
    this.profiles = [];
  }

  override render(): TemplateResult {
    return html`<section class="chats" role="dialog" aria-label=${t('Profiles')}>
      <p class="detail">${t("Profiles are isolated: chats, findings, and costs aren't shared between them.")}</p>
      <ul aria-label=${t('Profiles')} @keydown=${this.#onKeyDown}>
        ${this.profiles.map((profile) => this.#row(profile))}
      </ul>
    </section>`;
  }

  /** Focuses the current profile once it is there. The profiles may come after the list is shown. */
  protected override updated(): void {
    if (this.#isFocused) return;
    const row = this.renderRoot.querySelector<HTMLElement>('[aria-current="true"]');
    row?.focus();
    this.#isFocused = row !== null;
  }

  #row({ id, name, model }: Profile): TemplateResult {
    const isCurrent = id === this.current;
    return html`<li class=${isCurrent ? 'current' : ''}>
      <button class="chat" aria-current=${isCurrent} @click=${() => this.#choose(id)}>
        <span class="name">${name}</span><span class="detail">${model ? t('{0}, unless a chat sets its own', model) : t('The router chooses the model')}</span>
      </button>
      ${isCurrent ? html`<span class="tools">${icons.check}</span>` : ''}
    </li>`;
  }

  #choose(profileId: string): void {
    gesture(this, { type: 'panel-toggled', panel: 'profiles', open: false });
    if (profileId !== this.current) gesture(this, { type: 'action', action: { kind: 'switch-profile', profileId } });
  }

  #onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>('button.chat')];
    rows[rows.indexOf(event.target as HTMLElement) + step]?.focus();
  }
}

customElements.define('sw-profile-list', ProfileList);
