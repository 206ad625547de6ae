// The shell around the pure update: holds the state, runs the effects, tells the view once a frame.
import { type Effects, perform } from './effects.ts';
import type { ViewMessage } from './state/messages.ts';
import { initialState, savedOf, type State } from './state/state.ts';
import { update } from './state/update.ts';

/** Lives as long as the page. */
export class Store {
  #state = initialState;
  #isScheduled = false;
  #saved = '';
  readonly #effects: Effects;
  readonly #listeners = new Set<(state: State) => void>();

  constructor(effects: Omit<Effects, 'dispatch'>) {
    this.#effects = { ...effects, dispatch: (message) => this.dispatch(message) };
    // A view that is about to go has no next frame.
    window.addEventListener('pagehide', () => this.#save());
    document.addEventListener('visibilitychange', () => this.#save());
  }

  get state(): State {
    return this.#state;
  }

  dispatch(message: ViewMessage): void {
    const [state, effects] = update(this.#state, message);
    this.#state = state;
    this.#schedule();
    for (const effect of effects) perform(effect, this.#effects);
  }

  /** Calls the listener with every state that is to be shown: at most one a frame, however many parts come in. */
  subscribe(listener: (state: State) => void): void {
    this.#listeners.add(listener);
    listener(this.#state);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      for (const listener of this.#listeners) listener(this.#state);
      this.#save();
    });
  }

  #save(): void {
    const saved = savedOf(this.#state);
    const text = JSON.stringify(saved);
    if (text === this.#saved) return;
    this.#saved = text;
    this.#effects.host.save(saved);
  }
}
