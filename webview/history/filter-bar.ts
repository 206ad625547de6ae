// The filters above the list. Pure templates.
import { html, type TemplateResult } from 'lit';
import { fieldValue } from '../element.ts';
import { t } from '../words.ts';
import { gesture } from './gesture.ts';
import { languages } from './state/rows.ts';
import type { Filters, Kind, State } from './state/state.ts';

const kinds: Readonly<Record<Kind, string>> = {
  all: t('Everything'),
  chats: t('Chats'),
  reviews: t('Reviews'),
  deleted: t('Deleted'),
};
const times: Readonly<Record<number, string>> = {
  0: t('Any time'),
  1: t('Last day'),
  7: t('Last 7 days'),
  30: t('Last 30 days'),
  365: t('Last year'),
};

export function filterBar({ filters, projects }: State, host: EventTarget): TemplateResult {
  const change = (change: Partial<Filters>): void =>
    gesture(host, { type: 'filtered', filters: change, now: Date.now() });
  const labels = Object.entries(languages).map(([id, { label }]) => [id, label] as const);
  return html`<div class="filters" role="group" aria-label=${t('Filters')}>
    ${choice(t('Kind'), { options: Object.entries(kinds), value: filters.kind, onChange: (kind) => change({ kind: kind as Kind }) })}
    ${choice(t('Project'), { options: [['', t('All projects')], ...projects.map(({ id, name }) => [id, name] as const)], value: filters.projectId, onChange: (projectId) => change({ projectId }) })}
    ${choice(t('Time'), { options: Object.entries(times), value: String(filters.days), onChange: (days) => change({ days: Number(days) }) })}
    ${choice(t('Language'), { options: [['', t('All languages')], ...labels], value: filters.language, onChange: (language) => change({ language }) })}
  </div>`;
}

interface Choice {
  options: readonly (readonly [value: string, label: string])[];
  value: string;
  onChange(value: string): void;
}

function choice(label: string, { options, value, onChange }: Choice): TemplateResult {
  return html`<select class="choice" aria-label=${label} title=${label} @change=${(event: Event) => onChange(fieldValue(event))}>
    ${options.map(([id, name]) => html`<option value=${id} ?selected=${id === value}>${name}</option>`)}
  </select>`;
}
