// <sw-mode-picker>: the ways to work, the plain chat first. The list has the keyboard while it is open.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { AgentMode } from '../../../shared/protocol/agent.ts';
import { styles } from '../../element.ts';
import { icons } from '../../icons.ts';
import { t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import panelStyles from '../panels.css';

interface ModeOption {
  /** None answers questions without tools. */
  readonly id: string | undefined;
  readonly title: string;
  readonly detail: string;
  readonly hasTools: boolean;
}

const plainChat: ModeOption = {
  id: undefined,
  title: t('Chat'),
  detail: t('Answers questions, without tools.'),
  hasTools: false,
};

export class ModePicker extends LitElement {
  static override styles = styles(panelStyles);
  static override properties = {
    modes: { attribute: false },
    mode: { attribute: false },
    active: { state: true },
  };
  declare modes: readonly AgentMode[];
  declare mode: string | undefined;
  declare active: number;

  constructor() {
    super();
    this.modes = [];
    this.active = 0;
  }

  override render(): TemplateResult {
    const options = this.#options();
    return html`<div class="picker">
      <div
        class="options" role="listbox" tabindex="0" aria-label=${t('Modes')} aria-activedescendant="mode-${this.active}"
        @keydown=${(event: KeyboardEvent) => this.#onKeyDown(event, options)}
      >${options.map((option, index) => this.#option(option, index))}</div>
    </div>`;
  }

  protected override firstUpdated(): void {
    this.active = Math.max(
      0,
      this.#options().findIndex(({ id }) => id === this.mode),
    );
    this.renderRoot.querySelector<HTMLElement>('.options')?.focus();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('active'))
      this.renderRoot.querySelector(`#mode-${this.active}`)?.scrollIntoView({ block: 'nearest' });
  }

  #options(): ModeOption[] {
    const modes = this.modes.map(({ id, title, description, model, tools }) => ({
      id,
      title,
      detail: model === undefined ? description : t('{0} Prefers {1}.', description, model),
      hasTools: tools.length > 0,
    }));
    return [plainChat, ...modes];
  }

  #option({ id, title, detail, hasTools }: ModeOption, index: number): TemplateResult {
    const isChosen = id === this.mode;
    return html`<div
      id="mode-${index}" class="option ${index === this.active ? 'active' : ''}" role="option" aria-selected=${isChosen}
      @click=${() => this.#pick(id)} @mousemove=${() => this.#activate(index)}
    >
      <span class="label"><span class="name">${title}</span><span class="detail">${detail}</span></span>
      ${hasTools ? html`<span class="badge">${t('tools')}</span>` : nothing}
      <span class="mark">${isChosen ? icons.check : nothing}</span>
    </div>`;
  }

  #onKeyDown(event: KeyboardEvent, options: readonly ModeOption[]): void {
    const places: Partial<Record<string, number>> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      Home: 0,
      End: options.length - 1,
    };
    const next = places[event.key] ?? this.#beginningWith(event.key, options);
    const chosen = options[this.active];
    if (next !== undefined) this.#activate(Math.min(options.length - 1, Math.max(0, next)));
    else if ((event.key === 'Enter' || event.key === ' ') && chosen) this.#pick(chosen.id);
    else return;
    event.preventDefault();
  }

  /** The next one that begins with the letter. */
  #beginningWith(key: string, options: readonly ModeOption[]): number | undefined {
    if (key.length !== 1 || key === ' ') return undefined;
    const order = options.map((_, offset) => (this.active + 1 + offset) % options.length);
    return order.find((index) => options[index]?.title.toLowerCase().startsWith(key.toLowerCase()));
  }

  #activate(index: number): void {
    this.active = index;
  }

  #pick(mode: string | undefined): void {
    gesture(this, { type: 'mode-picked', mode });
  }
}

customElements.define('sw-mode-picker', ModePicker);
