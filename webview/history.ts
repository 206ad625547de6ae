// Entry of the history view: one page, the same in an editor tab of VS Code and in a browser tab.
import './history/app.ts';
import { type EffectDeps, perform } from './history/effects.ts';
import type { Effect, HistoryMessage } from './history/state/messages.ts';
import { initialState, type State, savedOf, toSavedState } from './history/state/state.ts';
import { update } from './history/state/update.ts';
import { createHost } from './host.ts';
import { askBeforeCopying, dressPage, leaveKeysToInputMethods } from './page.ts';
import { Rpc } from './rpc.ts';
import { Store } from './store.ts';

const host = createHost('history');
const rpc = new Rpc((message) => host.post(message));

dressPage(host.kind);
askBeforeCopying(host);
leaveKeysToInputMethods();
const app = document.querySelector('sw-history') ?? document.body.appendChild(document.createElement('sw-history'));
const effects: EffectDeps = { host, rpc, running: new Map(), dispatch: (message) => store.dispatch(message) };
const store = new Store<State, HistoryMessage, Effect>({
  initial: initialState,
  update,
  perform: (effect) => perform(effect, effects),
  savedOf,
  host,
});
store.subscribe((state) => {
  app.state = state;
});
app.addEventListener('history-gesture', ({ detail }) => store.dispatch(detail));
// Elements inside an answer send the chat's gestures: a press on a link, a copied piece of code.
app.addEventListener('gesture', ({ detail }) => {
  if (detail.type === 'action') store.dispatch(detail);
});

store.dispatch({
  type: 'saved-found',
  saved: toSavedState(host.load()) ?? {},
  now: Date.now(),
});
const wanted = host.kind === 'browser' ? /^#search=(.*)$/.exec(location.hash)?.[1] : undefined; // the chat links here
if (wanted !== undefined) {
  history.replaceState(null, '', location.pathname);
  store.dispatch({ type: 'filtered', filters: { query: decodeURIComponent(wanted) }, now: Date.now() });
}
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') store.dispatch({ type: 'reload-wanted', now: Date.now() });
});
host.start({
  onMessage(message) {
    if (rpc.receive(message)) return;
    if (message.type === 'hello' || message.type === 'connection') store.dispatch(message);
    else if (message.type === 'search')
      store.dispatch({ type: 'filtered', filters: { query: message.text }, now: Date.now() });
    else if (message.type === 'history-changed') store.dispatch({ type: 'history-changed', now: Date.now() });
    else if (message.type === 'profile-changed') store.dispatch({ type: 'reload-wanted', now: Date.now() });
  },
  onReady: () => store.dispatch({ type: 'ready', now: Date.now() }),
  onLost: () => rpc.failAll(),
});
