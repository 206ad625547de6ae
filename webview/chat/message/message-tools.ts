// What can be done with a message: go to another version of it, keep it in every prompt, fork the chat after it, end its wait.
import { html, nothing, type TemplateResult } from 'lit';
import { icons } from '../../icons.ts';
import { listed, t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import { type Entry, isStored } from '../state/transcript.ts';

/** `2 / 3` with a way to either side; nothing where there is one version only. */
export function versionSwitch(
  from: EventTarget,
  { key, version = 1, versions = 1 }: Entry,
  canChange: boolean,
): TemplateResult | typeof nothing {
  if (versions < 2) return nothing;
  const go = (to: number) => (): void => gesture(from, { type: 'version-chosen', key, version: to });
  return html`<span class="versions" role="group" aria-label=${t('Version {0} of {1}', version, versions)}>
    <button class="quiet square" aria-label=${t('Previous version')} title=${t('Previous version')} ?disabled=${!canChange || version <= 1} @click=${go(version - 1)}>${icons.left}</button>
    <span aria-hidden="true">${version} / ${versions}</span>
    <button class="quiet square" aria-label=${t('Next version')} title=${t('Next version')} ?disabled=${!canChange || version >= versions} @click=${go(version + 1)}>${icons.right}</button>
  </span>`;
}

export function pinButton(from: EventTarget, entry: Entry): TemplateResult | typeof nothing {
  if (!isStored(entry) || entry.text === '') return nothing;
  const isPinned = entry.pinned === true;
  const press = (): void => gesture(from, { type: 'pinned', key: entry.key, pinned: !isPinned });
  const label = isPinned ? t('Unpin') : t('Pin');
  const title = isPinned
    ? t('Unpin: stop adding this to every prompt in this chat')
    : t('Pin: add this to every prompt in this chat');
  return html`<button class="quiet square ${isPinned ? 'given' : ''}" aria-label=${label} aria-pressed=${isPinned} title=${title} @click=${press}>${icons.pin}</button>`;
}

/** A new chat with everything up to this message. */
export function forkButton(from: EventTarget, entry: Entry): TemplateResult | typeof nothing {
  if (!isStored(entry) || entry.status === 'streaming') return nothing;
  const press = (): void => gesture(from, { type: 'forked', key: entry.key });
  return html`<button class="quiet square" aria-label=${t('Fork chat from here')} title=${t('Fork: start a new chat with everything up to here')} @click=${press}>${icons.fork}</button>`;
}

/** Ways to wait less for a model on this machine; nothing where the answer doesn't wait, or nobody of this profile is before it. */
export function waitTools(from: EventTarget, { wait }: Entry): TemplateResult | typeof nothing {
  if (!wait || (wait.behind.length === 0 && !wait.canGoFirst)) return nothing;
  const goFirst = (): void => gesture(from, { type: 'went-first', id: wait.id });
  const stop = (): void => gesture(from, { type: 'others-stopped', ids: wait.behind });
  const others = wait.behind.length > 1 ? t('the {0} other answers', wait.behind.length) : t('the other answer');
  const names = listed(wait.names);
  return html`<div class="row wrap" role="group" aria-label=${t('Waiting')}>
    ${wait.canGoFirst ? html`<vscode-button appearance="secondary" title=${t('Answer this before your other questions that wait')} @click=${goFirst}>${t('Answer this first')}</vscode-button>` : nothing}
    ${wait.behind.length > 0 ? html`<vscode-button appearance="secondary" title=${t('What the model has written so far is kept')} @click=${stop}>${t('Stop {0}', names || others)}</vscode-button>` : nothing}
  </div>`;
}
