// The shell around a view's pure update, for the chat and the history. Holds the state, has the effects carried out, notifies the
// view once a frame, and saves what is to outlive the page.
import type { Host } from './host.ts';

export interface StoreDeps<State, Message, Effect> {
  initial: State;
  update(state: State, message: Message): readonly [State, readonly Effect[]];
  /** Carries an effect out; failures become messages. */
  perform(effect: Effect): void;
  /** What survives the view's being hidden or killed. */
  savedOf(state: State): unknown;
  host: Pick<Host, 'save'>;
}

/** Lives as long as the page. */
export class Store<State, Message, Effect> {
  readonly #deps: StoreDeps<State, Message, Effect>;
  readonly #listeners = new Set<(state: State) => void>();
  #state: State;
  #isScheduled = false;
  #saved = '';

  constructor(deps: StoreDeps<State, Message, Effect>) {
    this.#deps = deps;
    this.#state = deps.initial;
    // A view that is being closed has no next frame.
    window.addEventListener('pagehide', () => this.#save());
    document.addEventListener('visibilitychange', () => this.#save());
  }

  dispatch(message: Message): void {
    const [state, effects] = this.#deps.update(this.#state, message);
    this.#state = state;
    this.#schedule();
    for (const effect of effects) this.#deps.perform(effect);
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
    const saved = this.#deps.savedOf(this.#state);
    const text = JSON.stringify(saved);
    if (text === this.#saved) return;
    this.#saved = text;
    this.#deps.host.save(saved);
  }
}
