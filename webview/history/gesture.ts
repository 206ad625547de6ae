// How the history's elements speak upwards: one event, whose detail is a message of the state.
import type { Gesture } from './state/messages.ts';

declare global {
  interface HTMLElementEventMap {
    'history-gesture': CustomEvent<Gesture>;
  }
}

export function gesture(from: EventTarget, message: Gesture): void {
  from.dispatchEvent(new CustomEvent('history-gesture', { detail: message, bubbles: true, composed: true }));
}
