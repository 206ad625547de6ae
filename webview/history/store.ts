// The shell around the history's pure update: holds the state, runs the effects, tells the view once a frame.
import { type Effects, perform } from './effects.ts';
import type { HistoryMessage } from './state/messages.ts';
import { initialState, savedOf, type State } from './state/state.ts';
import { update } from './state/update.ts';

/** Lives as long as the page. */
export class HistoryStore {
  #state = initialState;
  #isScheduled = false;
  #saved = '';
  readonly #effects: Effects;
  readonly #show: (state: State) => void;

  /** `show` is called with every state that is to be seen: at most one a frame. */
  constructor(effects: Omit<Effects, 'dispatch' | 'running'>, show: (state: State) => void) {
    this.#effects = { ...effects, running: new Map(), dispatch: (message) => this.dispatch(message) };
    this.#show = show;
    show(this.#state);
    window.addEventListener('pagehide', () => this.#save());
  }

  dispatch(message: HistoryMessage): void {
    const [state, effects] = update(this.#state, message);
    this.#state = state;
    this.#schedule();
    for (const effect of effects) perform(effect, this.#effects);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#show(this.#state);
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
