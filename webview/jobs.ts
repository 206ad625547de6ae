// Entry of the page of jobs in a browser tab. VS Code has its own list of them.
import './jobs/app.ts';
import { createHost } from './host.ts';
import { type JobsEffectDeps, perform } from './jobs/effects.ts';
import { initialState, type JobsEffect, type JobsMessage, type State, update } from './jobs/state.ts';
import { askBeforeCopying, dressPage, leaveKeysToInputMethods } from './page.ts';
import { Rpc } from './rpc.ts';
import { Store } from './store.ts';

const host = createHost('jobs');
const rpc = new Rpc((message) => host.post(message));

dressPage(host.kind);
askBeforeCopying(host);
leaveKeysToInputMethods();
const app = document.querySelector('sw-jobs') ?? document.body.appendChild(document.createElement('sw-jobs'));
const effects: JobsEffectDeps = { host, rpc, loads: 0, dispatch: (message) => store.dispatch(message) };
const store = new Store<State, JobsMessage, JobsEffect>({
  initial: initialState,
  update,
  perform: (effect) => perform(effect, effects),
  savedOf: () => null,
  host,
});
store.subscribe((state) => {
  app.state = state;
});
app.addEventListener('job-gesture', ({ detail }) => store.dispatch(detail));
host.start({
  onMessage(message) {
    if (rpc.receive(message)) return;
    if (message.type === 'connection' || message.type === 'jobs-changed' || message.type === 'profile-changed')
      store.dispatch(message);
  },
  onReady: () => store.dispatch({ type: 'ready' }),
  onLost: () => rpc.failAll(),
});
