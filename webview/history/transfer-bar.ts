// The two buttons beside the filters, and how an export or an import of the page's own is doing. Pure templates.
import { html, nothing, type TemplateResult } from 'lit';
import { icons } from '../icons.ts';
import { t } from '../words.ts';
import { gesture } from './gesture.ts';
import type { State } from './state/state.ts';

export function transferButtons({ actions, host, transfer }: State, to: EventTarget): TemplateResult | typeof nothing {
  if (!actions.includes('export-all') || !actions.includes('import-chats')) return nothing;
  const isEditor = host === 'vscode';
  const exportAll = (): void =>
    gesture(to, isEditor ? { type: 'action', action: { kind: 'export-all' } } : { type: 'export-all-wanted' });
  return html`<div class="transfer">
    ${isEditor ? nothing : html`<a class="link" href="jobs">${t('Jobs')}</a>`}
    <button class="quiet" title=${t('Export all chats to a file')} ?disabled=${transfer !== undefined} @click=${exportAll}>${icons.save}<span>${t('Export all…')}</span></button>
    <button class="quiet" title=${isEditor ? t('Import chats from Switchyard or another program') : t('Import a Switchyard export')} ?disabled=${transfer !== undefined}
      @click=${isEditor ? () => gesture(to, { type: 'action', action: { kind: 'import-chats' } }) : pickFile}>${icons.add}<span>${t('Import…')}</span></button>
    ${isEditor ? nothing : html`<input type="file" hidden accept=".json,application/json" aria-label=${t('File to import')} @change=${(event: Event) => onPicked(event, to)} />`}
  </div>`;
}

export function transferBar({ transfer, notice }: State, to: EventTarget): TemplateResult | typeof nothing {
  if (transfer !== undefined) {
    return html`<div class="undo" role="status"><span class="name">${transfer}</span>
      <button class="primary" @click=${() => gesture(to, { type: 'transfer-stopped' })}>${t('Cancel')}</button></div>`;
  }
  if (notice === undefined) return nothing;
  return html`<div class="undo" role="status"><span class="told">${notice}</span>
    <button class="quiet square" aria-label=${t('Dismiss')} title=${t('Dismiss')} @click=${() => gesture(to, { type: 'notice-dismissed' })}>${icons.close}</button></div>`;
}

function pickFile({ currentTarget }: Event): void {
  if (currentTarget instanceof Element)
    currentTarget.parentElement?.querySelector<HTMLInputElement>('input[type="file"]')?.click();
}

function onPicked({ target }: Event, to: EventTarget): void {
  if (!(target instanceof HTMLInputElement)) return;
  const [file] = target.files ?? [];
  target.value = ''; // the same file may be chosen again
  if (file) gesture(to, { type: 'import-wanted', file });
}
