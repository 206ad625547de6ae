// The message that waits for the end of a run, above what is written now.
import { html, type TemplateResult } from 'lit';
import { icons } from '../../icons.ts';
import { gesture } from '../gesture.ts';
import type { Draft } from '../state/state.ts';

export function queuedNote(from: EventTarget, { text, attachments, pictures = [] }: Draft): TemplateResult {
  const takeBack = (): void => gesture(from, { type: 'queued-taken-back' });
  const extras = attachments.length + pictures.length;
  const words = text.trim() || (extras === 1 ? '1 attachment' : `${extras} attachments`);
  return html`<div class="queued" role="group" aria-label="Queued message">
    ${icons.history}<span class="name" title=${words}>Queued: ${words}</span>
    <button class="link" title="Put it back into the field" @click=${takeBack}>Take back</button>
  </div>`;
}
