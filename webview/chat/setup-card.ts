// <sw-setup-card>: the three ways to get a model, and what works without one. Keys never pass through here.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { HostAction, HostActionKind } from '../../shared/webview.ts';
import { styles } from '../element.ts';
import { shownBytes } from '../format.ts';
import { icons } from '../icons.ts';
import { withCode } from '../with-code.ts';
import { t } from '../words.ts';
import { gesture } from './gesture.ts';
import panelStyles from './panels.css';
import type { Pull, Setup } from './state/state.ts';
import { suggestedDownload } from './suggested-download.ts';

export class SetupCard extends LitElement {
  static override styles = styles(panelStyles);
  static override properties = {
    setup: { attribute: false },
    pulls: { attribute: false },
    actions: { attribute: false },
    canClose: { attribute: false },
  };
  declare setup: Setup;
  declare pulls: Readonly<Record<string, Pull>>;
  declare actions: readonly HostActionKind[];
  declare canClose: boolean;

  constructor() {
    super();
    this.pulls = {};
    this.actions = [];
    this.canClose = false;
  }

  override render(): TemplateResult {
    return html`<section class="setup" aria-labelledby="setup-title">
      <header>
        <h1 id="setup-title">${this.setup.configured ? t('Models') : t('Choose where answers come from')}</h1>
        ${
          this.canClose
            ? html`<button class="quiet square" aria-label=${t('Close')} title=${t('Close')} @click=${() => gesture(this, { type: 'panel-toggled', panel: 'setup', open: false })}>${icons.close}</button>`
            : nothing
        }
      </header>
      ${
        this.setup.configured
          ? nothing
          : html`<p>
            ${t('No model is set up yet. Reviews already work: Switchyard runs the linters that your project has. Chat and inline actions need a model. One on this machine needs no account:')}
          </p>`
      }
      ${this.#ways()}
    </section>`;
  }

  /** What needs no account comes first: a server that runs already, or a download. */
  #ways(): TemplateResult[] {
    const ollama = this.#ollama();
    const others = this.setup.gguf.available ? [this.#gguf(), this.#keys()] : [this.#keys(), this.#gguf()];
    return this.setup.ollama.running ? [ollama, ...others] : [...others, ollama];
  }

  #gguf(): TemplateResult {
    const { gguf } = this.setup;
    const downloads = gguf.downloads.filter(({ roles }) => roles.includes('chat'));
    return html`<div class="way">
      <h2>${t('Download a model to this machine')}</h2>
      <p>${withCode(gguf.detail)}</p>
      ${gguf.available ? this.#downloads(downloads) : nothing}
      ${
        gguf.available && this.actions.includes('import-gguf')
          ? html`<vscode-button appearance="secondary" @click=${() => this.#act({ kind: 'import-gguf' })}>${t('Use a GGUF file …')}</vscode-button>`
          : html`<p class="hint">${t('GGUF files in this folder are found by themselves:')} <code>${gguf.folder}</code></p>`
      }
    </div>`;
  }

  /** One to begin with, and the rest behind it. */
  #downloads(downloads: Setup['gguf']['downloads']): TemplateResult | TemplateResult[] {
    const first = suggestedDownload(downloads);
    const others = downloads.filter((download) => download !== first);
    const rows = others.map((download) => this.#download(download));
    if (!first || others.length === 0)
      return [first, ...others].flatMap((each) => (each ? [this.#download(each)] : []));
    const isBegun = others.some(({ id }) => this.pulls[id] !== undefined);
    return html`${this.#download(first)}
      <details ?open=${isBegun}><summary>${t('Other models')}</summary>${rows}</details>`;
  }

  #download({ id, label, sizeBytes, fits, why }: Setup['gguf']['downloads'][number]): TemplateResult {
    const pull = this.pulls[id];
    const isRunning = pull !== undefined && pull.error === undefined;
    return html`<div class="download">
      <div class="row">
        <span class="label"><span class="name">${label}</span><span class="detail">${shownBytes(sizeBytes)} · ${why}</span></span>
        ${
          isRunning
            ? html`<vscode-button appearance="secondary" aria-label=${t('Stop downloading {0}', label)} @click=${() => gesture(this, { type: 'pull-stopped', model: id })}>${t('Stop')}</vscode-button>`
            : html`<vscode-button aria-label=${t('Download {0}', label)} ?disabled=${!fits} @click=${() => gesture(this, { type: 'pull', model: id })}>${pull ? t('Resume') : t('Download')}</vscode-button>`
        }
      </div>
      ${isRunning ? progress(pull, sizeBytes) : nothing} ${pull?.error ? html`<p class="failed" role="alert">${pull.error}</p>` : nothing}
    </div>`;
  }

  #ollama(): TemplateResult {
    const { running, baseUrl, models, detail } = this.setup.ollama;
    return html`<div class="way">
      <h2><span class="dot ${running ? 'ok' : 'absent'}"></span>Ollama</h2>
      <p>${withCode(detail)}</p>
      ${running && models.length > 0 ? html`<p class="hint">${models.join(', ')}</p>` : nothing}
      ${running && models.length === 0 ? this.#command('ollama pull qwen2.5-coder:7b') : nothing}
      ${
        running
          ? nothing
          : html`${this.#command('ollama serve')}
          <div class="row">
            <vscode-button appearance="secondary" @click=${() => gesture(this, { type: 'models-wanted' })}>${t('Look again')}</vscode-button>
            <span class="hint">${t('at {0}', baseUrl)}</span>
          </div>`
      }
    </div>`;
  }

  #keys(): TemplateResult {
    const canSet = this.actions.includes('set-key');
    return html`<div class="way">
      <h2>${t('Add an API key')}</h2>
      <p>${t('Keys are stored encrypted on this machine. This view never sees them.')} ${canSet ? '' : t('In a terminal:')}</p>
      ${
        canSet
          ? html`<div class="row wrap">${this.setup.keys.map(
              ({
                provider,
                label,
                hasKey,
              }) => html`<vscode-button appearance="secondary" @click=${() => this.#act({ kind: 'set-key', provider })}>
              ${hasKey ? `${label} ✓` : label}
            </vscode-button>`,
            )}</div>`
          : this.setup.keys.map(({ provider, label, hasKey }) =>
              hasKey
                ? html`<p class="hint">${t('{0}: a key is set.', label)}</p>`
                : this.#command(`switchyard keys set ${provider}`),
            )
      }
    </div>`;
  }

  #command(command: string): TemplateResult {
    return html`<div class="command">
      <code>${command}</code>
      <button class="quiet square" aria-label=${t('Copy {0}', command)} title=${t('Copy')} @click=${() => this.#act({ kind: 'copy', text: command })}>${icons.copy}</button>
    </div>`;
  }

  #act(action: HostAction): void {
    gesture(this, { type: 'action', action });
  }
}

function progress({ received, total }: Pull, sizeBytes: number): TemplateResult {
  const whole = total ?? sizeBytes;
  return html`<progress max=${whole} .value=${received} aria-label=${t('Downloaded')}></progress>
    <span class="detail">${t('{0} of {1}', shownBytes(received), shownBytes(whole))}</span>`;
}

customElements.define('sw-setup-card', SetupCard);
