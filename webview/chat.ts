// Entry of the chat view: one page, the same in VS Code's sidebar and in a browser tab. Joins host, requests, state and elements.
import './chat/app.ts';
import pageStyles from './chat/page.css';
import { createHost } from './host.ts';
import { Rpc } from './rpc.ts';
import type { Saved } from './state/state.ts';
import { Store } from './store.ts';
import { registerToolkit } from './toolkit.ts';

const host = createHost();
const rpc = new Rpc((message) => host.post(message));

dressPage();
registerToolkit();
const app = document.querySelector('sw-chat') ?? document.body.appendChild(document.createElement('sw-chat'));
const store = new Store({ host, rpc, running: new Map(), settling: new Map(), focusComposer: () => app.focusComposer() });
app.addEventListener('gesture', ({ detail }) => store.dispatch(detail));

const saved = host.load();
if (typeof saved === 'object' && saved !== null) store.dispatch({ type: 'restored', saved: saved as Saved });
store.subscribe((state) => {
  app.state = state;
});
host.start({
  onMessage(message) {
    if (rpc.receive(message)) return;
    if (message.type === 'compose') store.dispatch({ ...message, at: Date.now() });
    else if (message.type !== 'part' && message.type !== 'response' && message.type !== 'error') store.dispatch(message);
  },
  onLost: () => rpc.failAll(),
});

/** In a browser there is no theme: the page brings VS Code's own colours, dark or light as the system is. */
function dressPage(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(pageStyles);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  document.documentElement.lang ||= 'en';
  document.documentElement.dataset['host'] = host.kind;
  if (host.kind === 'vscode') return;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  // The toolkit reads the colours again when the body's class changes, as it does in VS Code.
  const apply = (): void => {
    document.body.className = dark.matches ? 'vscode-dark' : 'vscode-light';
  };
  dark.addEventListener('change', apply);
  apply();
}
