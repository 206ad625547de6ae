// <sw-model-picker>: a list of models by provider, "Automatic" first. A model that cannot answer is there too, and says why.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { canChoose, groupModels, modelFacts } from '../../../shared/model-words.ts';
import type { EffectiveModel } from '../../../shared/protocol/chat.ts';
import type { Model } from '../../../shared/protocol/models.ts';
import { fieldValue, styles } from '../../element.ts';
import { splitModelId } from '../../format.ts';
import { icons } from '../../icons.ts';
import { inLocale, t } from '../../words.ts';
import { sourceWords } from '../answer/why-text.ts';
import { gesture } from '../gesture.ts';
import panelStyles from '../panels.css';

interface Option {
  /** None is "Automatic". */
  readonly model: Model | undefined;
  readonly isUsable: boolean;
}

export class ModelPicker extends LitElement {
  static override styles = styles(panelStyles);
  static override properties = {
    models: { attribute: false },
    notes: { attribute: false },
    model: { attribute: false },
    meant: { attribute: false },
    filter: { state: true },
    active: { state: true },
  };
  declare models: readonly Model[];
  declare notes: readonly string[];
  declare model: string | undefined;
  /** The model for the next answer, and who names it: what "Automatic" means where the chat names none. */
  declare meant: EffectiveModel;
  declare filter: string;
  declare active: number;

  constructor() {
    super();
    this.models = [];
    this.notes = [];
    this.meant = { source: 'policy' };
    this.filter = '';
    this.active = -1;
  }

  override render(): TemplateResult {
    const options = this.#options();
    return html`<div class="picker" @keydown=${(event: KeyboardEvent) => this.#onKeyDown(event, options)}>
      <div class="row">
        <input
          class="field" type="text" role="combobox" aria-expanded="true" aria-controls="models" aria-label=${t('Find a model')} placeholder=${t('Find a model')}
          aria-activedescendant=${this.active >= 0 ? `option-${this.active}` : nothing} .value=${this.filter} @input=${this.#onFilter}
        />
        <button class="quiet square" aria-label=${t('Refresh the list of models')} title=${t('Refresh the list of models')} @click=${() => gesture(this, { type: 'models-wanted' })}>${icons.retry}</button>
        <button class="quiet square" aria-label=${t('Set up a model')} title=${t('Set up a model')} @click=${() => gesture(this, { type: 'panel-toggled', panel: 'setup', open: true })}>${icons.add}</button>
      </div>
      <div id="models" class="options" role="listbox" aria-label=${t('Models')}>
        ${options.map((option, index) => this.#option(option, index, options[index - 1]))}
        ${this.models.length === 0 ? html`<p class="empty">${t('No model is set up yet.')}</p>` : nothing}
        ${this.notes.map((note) => html`<p class="empty">${note}</p>`)}
      </div>
    </div>`;
  }

  protected override firstUpdated(): void {
    this.active = this.#options().findIndex(({ model }) => model?.id === this.model);
    this.renderRoot.querySelector('input')?.focus();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('active'))
      this.renderRoot.querySelector(`#option-${this.active}`)?.scrollIntoView({ block: 'nearest' });
  }

  #options(): Option[] {
    const wanted = this.filter.trim().toLocaleLowerCase();
    const options = groupModels(this.models, wanted).flatMap(({ models }) =>
      models.map((model) => ({ model, isUsable: canChoose(model) })),
    );
    return t('Automatic').toLocaleLowerCase().includes(wanted)
      ? [{ model: undefined, isUsable: true }, ...options]
      : options;
  }

  #option({ model, isUsable }: Option, index: number, before: Option | undefined): TemplateResult {
    const isChosen = model?.id === this.model;
    const heading =
      model && model.provider !== before?.model?.provider
        ? html`<div class="group" role="presentation">${model.provider}</div>`
        : nothing;
    return html`${heading}
      <div
        id="option-${index}" class="option ${index === this.active ? 'active' : ''}" role="option" aria-selected=${isChosen} aria-disabled=${!isUsable}
        @click=${() => isUsable && this.#pick(model?.id)} @mousemove=${() => this.#activate(index)}
      >
        <span class="dot ${model ? dotOf(model) : 'ok'}"></span>
        <span class="label">
          <span class="name">${model ? splitModelId(model.id).name : t('Automatic')}</span>
          <span class="detail">${model ? (model.unavailable ?? inLocale(modelFacts(model, t))) : this.#automatic()}</span>
        </span>
        ${model ? html`<span class="badge">${model.local ? t('local') : t('cloud')}</span>` : nothing}
        <span class="mark">${isChosen ? icons.check : nothing}</span>
      </div>`;
  }

  #automatic(): string {
    const { model, source } = this.meant;
    return model !== undefined && (source === 'profile' || source === 'workspace')
      ? t('{0}, set by {1}', model, sourceWords[source])
      : t('Switchyard chooses for each question and shows why');
  }

  #onFilter(event: Event): void {
    this.filter = fieldValue(event);
    this.active = this.#options().findIndex(({ isUsable }) => isUsable);
  }

  #onKeyDown(event: KeyboardEvent, options: readonly Option[]): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) this.#move(step, options);
    else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) this.#pickActive(options);
    else return;
    event.preventDefault();
  }

  #move(step: number, options: readonly Option[]): void {
    let next = this.active + step;
    while (options[next] && !options[next]?.isUsable) next += step;
    if (options[next]) this.active = next;
  }

  #activate(index: number): void {
    this.active = index;
  }

  #pickActive(options: readonly Option[]): void {
    const option = options[this.active];
    if (option?.isUsable) this.#pick(option.model?.id);
  }

  #pick(model: string | undefined): void {
    gesture(this, { type: 'model-picked', model });
  }
}

/** Green is for what would answer now. */
function dotOf({ health, unavailable }: Model): Model['health']['state'] {
  return health.state === 'ok' && unavailable !== undefined ? 'unknown' : health.state;
}

customElements.define('sw-model-picker', ModelPicker);
