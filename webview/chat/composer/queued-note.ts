// The message that waits for the end of a run, above what is written now.
import { html, type TemplateResult } from 'lit';
import { icons } from '../../icons.ts';
import { plural, t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import type { Draft } from '../state/state.ts';

export function queuedNote(from: EventTarget, { text, attachments, pictures = [] }: Draft): TemplateResult {
  const takeBack = (): void => gesture(from, { type: 'queued-taken-back' });
  const extras = attachments.length + pictures.length;
  const words = text.trim() || plural(extras, ['{0} attachment', '{0} attachments']);
  return html`<div class="queued" role="group" aria-label=${t('Queued message')}>
    ${icons.history}<span class="name" title=${words}>${t('Queued: {0}', words)}</span>
    <button class="link" title=${t('Put it back into the field')} @click=${takeBack}>${t('Take back')}</button>
  </div>`;
}
