// How elements speak upwards: one event, whose detail is a message of the state. And what all elements share.
import { type CSSResult, unsafeCSS } from 'lit';
import baseStyles from './chat/base.css';
import type { Gesture } from './chat/state/messages.ts';

declare global {
  interface HTMLElementEventMap {
    gesture: CustomEvent<Gesture>;
  }
}

export function gesture(from: EventTarget, message: Gesture): void {
  from.dispatchEvent(new CustomEvent('gesture', { detail: message, bubbles: true, composed: true }));
}

/** The shared rules and the element's own, adopted as style sheets. */
export function styles(own = ''): CSSResult[] {
  return [unsafeCSS(baseStyles), unsafeCSS(own)];
}

/** The value of a toolkit or native field that an event came from. */
export function fieldValue(event: Event): string {
  const { target } = event;
  return target !== null && 'value' in target ? String(target.value) : '';
}
