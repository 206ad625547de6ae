// One row of the list, as what is in it and what can be done with it. Pure templates; a press becomes a gesture.
import { html, nothing, type TemplateResult } from 'lit';
import { fieldValue } from '../element.ts';
import { formatAge } from '../format.ts';
import { icons } from '../icons.ts';
import { t } from '../words.ts';
import { gesture } from './gesture.ts';
import type { Row } from './state/rows.ts';

export interface EntryOptions {
  readonly host: EventTarget;
  readonly now: number;
  readonly isRenaming: boolean;
  readonly canExport: boolean;
}

const iconOf = {
  chat: icons.history,
  message: icons.selection,
  review: icons.check,
  finding: icons.error,
  deleted: icons.trash,
} as const;

const reviewIconOf = {
  running: icons.retry,
  done: icons.check,
  incomplete: icons.problems,
  failed: icons.error,
  stopped: icons.stop,
} as const;

export function entry(row: Row, { host, now, isRenaming, canExport }: EntryOptions): TemplateResult {
  const { key, kind, title } = row;
  const choose = (): void => gesture(host, { type: 'chosen', key, reads: true });
  const open = (): void => gesture(host, { type: 'opened', key });
  return html`<div class="entry ${kind} ${row.state ?? ''}" data-key=${key} @click=${choose} @dblclick=${open}>
    ${row.state ? reviewIconOf[row.state] : iconOf[kind]}
    ${
      isRenaming && row.chatId !== undefined
        ? renameField(row.chatId, title, host)
        : html`<div class="words">
          <div class="line"><span class="name" title=${title}>${title}</span><span class="when">${formatAge(row.at, now)}</span></div>
          <span class="detail" title=${row.detail}>${marked(row)}</span>
        </div>
        <span class="tools" @click=${(event: Event) => event.stopPropagation()} @dblclick=${(event: Event) => event.stopPropagation()}>${tools(row, { host, canExport })}</span>`
    }
  </div>`;
}

/** The second line, with the words that were searched for marked. Ranges outside the text are ignored. */
function marked({ detail, highlights }: Row): (string | TemplateResult)[] {
  const parts: (string | TemplateResult)[] = [];
  let end = 0;
  for (const [from, to] of highlights) {
    if (from < end || to <= from || to > detail.length) continue;
    parts.push(detail.slice(end, from), html`<mark>${detail.slice(from, to)}</mark>`);
    end = to;
  }
  return [...parts, detail.slice(end)];
}

function tools(
  { key, kind, title, chatId, messageId }: Row,
  { host, canExport }: Pick<EntryOptions, 'host' | 'canExport'>,
): TemplateResult | typeof nothing {
  if (chatId === undefined) return nothing;
  if (kind === 'deleted') {
    return html`<button class="quiet" tabindex="-1" @click=${() => gesture(host, { type: 'restored', chatId })} aria-label=${t('Restore {0}', title)}>${t('Restore')}</button>
      <button class="quiet" tabindex="-1" @click=${() => gesture(host, { type: 'purged', chatId })} aria-label=${t('Permanently delete {0}', title)}>${t('Delete permanently')}</button>`;
  }
  return html`
    <button class="quiet square" tabindex="-1" title=${t('Rename (F2)')} aria-label=${t('Rename {0}', title)} @click=${() => gesture(host, { type: 'rename-begun', chatId })}>${icons.edit}</button>
    <button class="quiet square" tabindex="-1" title=${t('Fork: copy as a new chat')} aria-label=${t('Fork {0}', title)} @click=${() => gesture(host, { type: 'forked', chatId, messageId })}>${icons.fork}</button>
    ${
      canExport
        ? html`<button class="quiet square" tabindex="-1" title=${t('Export as Markdown')} aria-label=${t('Export {0} as Markdown', title)} @click=${() => gesture(host, { type: 'exported', chatId, title, format: 'markdown' })}>${icons.save}</button>`
        : nothing
    }
    <button class="quiet square" tabindex="-1" title=${t('Delete (Delete)')} aria-label=${t('Delete {0}', title)} @click=${() => gesture(host, { type: 'deleted', key })}>${icons.trash}</button>
  `;
}

function renameField(chatId: string, title: string, host: EventTarget): TemplateResult {
  const end = (event: Event, name: string | undefined): void => {
    event.stopPropagation();
    gesture(host, { type: 'rename-ended', chatId, title: name });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') end(event, fieldValue(event));
    else if (event.key === 'Escape') end(event, undefined);
    else event.stopPropagation();
  };
  return html`<input class="field" data-focus aria-label=${t('New title')} maxlength="500" .value=${title}
    @keydown=${onKeyDown} @blur=${(event: Event) => end(event, fieldValue(event))} @click=${(event: Event) => event.stopPropagation()} />`;
}
