// Entry of the chat view: one page, the same in VS Code's sidebar and in a browser tab. Joins host, requests, state and elements.
import type { FromHost } from '../shared/webview.ts';
import './chat/app.ts';
import { type EffectDeps, perform } from './chat/effects.ts';
import { readPicture } from './chat/pictures/read-picture.ts';
import type { Effect, ViewMessage } from './chat/state/messages.ts';
import { initialState, type State, savedOf, toSavedState } from './chat/state/state.ts';
import { update } from './chat/state/update.ts';
import { createHost } from './host.ts';
import { askBeforeCopying, dressPage, leaveKeysToInputMethods } from './page.ts';
import { Rpc } from './rpc.ts';
import { Store } from './store.ts';
import { registerToolkit } from './toolkit.ts';

const host = createHost('chat');
const rpc = new Rpc((message) => host.post(message));

dressPage(host.kind);
askBeforeCopying(host);
leaveKeysToInputMethods();
registerToolkit();
const app = document.querySelector('sw-chat') ?? document.body.appendChild(document.createElement('sw-chat'));
const effects: EffectDeps = {
  host,
  rpc,
  running: new Map(),
  settling: new Map(),
  dispatch: (message) => store.dispatch(message),
  focusComposer: () => app.focusComposer(),
};
const store = new Store<State, ViewMessage, Effect>({
  initial: initialState,
  update,
  perform: (effect) => perform(effect, effects),
  savedOf,
  host,
});
app.addEventListener('gesture', ({ detail }) => store.dispatch(detail));

async function takePicture({ uri, name, bytes }: Extract<FromHost, { type: 'attach-picture' }>): Promise<void> {
  const read = await readPicture(new Blob([bytes], { type: 'image/*' }), { name, uri });
  if (!read) return;
  const [pictures, refusals] = 'picture' in read ? [[read.picture], []] : [[], [read.refusal]];
  store.dispatch({ type: 'files-given', attachments: [], pictures, refusals });
}

const saved = toSavedState(host.load());
if (saved) store.dispatch({ type: 'restored', saved });
const asked = host.kind === 'browser' ? /^#chat=([\w-]+)$/.exec(location.hash)?.[1] : undefined; // the history links here
if (asked !== undefined) {
  history.replaceState(null, '', location.pathname);
  store.dispatch({ type: 'open-chat', chatId: asked });
}
store.subscribe((state) => {
  app.state = state;
});
host.start({
  onMessage(message) {
    if (rpc.receive(message)) return;
    if (message.type === 'attach-picture') void takePicture(message);
    else if (message.type === 'compose') store.dispatch({ ...message, at: Date.now() });
    else if (
      message.type !== 'part' &&
      message.type !== 'response' &&
      message.type !== 'error' &&
      message.type !== 'search'
    )
      store.dispatch(message);
  },
  onLost: () => rpc.failAll(),
});
