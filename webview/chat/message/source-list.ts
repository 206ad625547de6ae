// The pages that an answer was made from, below it. Nothing of them is loaded: each is opened by the host, when the user asks for it.
import { html, nothing, type TemplateResult } from 'lit';
import { isOpenable } from '../../markdown/markdown.ts';
import { t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import { oneLine } from '../run/shown-text.ts';

const maxListed = 20;
const maxNameChars = 60;

export function sourceList(from: EventTarget, sources: readonly string[]): TemplateResult | typeof nothing {
  const listed = sources.filter(isOpenable).slice(0, maxListed);
  if (listed.length === 0) return nothing;
  const open = (url: string) => (): void => gesture(from, { type: 'action', action: { kind: 'open-external', url } });
  return html`<div class="sources"><span id="sources">${t('Sources')}</span>
    <ul aria-labelledby="sources">${listed.map((url) => html`<li><button class="link source" title=${url} @click=${open(url)}>${nameOf(url)}</button></li>`)}</ul>
  </div>`;
}

function nameOf(url: string): string {
  const name = oneLine(url.replace(/^https?:\/\/(?:www\.)?/i, '').replace(/\/$/, ''));
  return name.length > maxNameChars ? `${name.slice(0, maxNameChars)}…` : name;
}
