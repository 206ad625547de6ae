// A webview's page and the relay behind it: what the chat in the sidebar and the history in an editor tab have in common.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { FromHost, HostAction, HostActionKind } from '../shared/webview.ts';
import type { DaemonClient } from './daemon-client.ts';
import { chatHtml } from './logic/chat-html.ts';
import type { DaemonState } from './logic/status-text.ts';
import type { RelayEnds, ViewRelay } from './logic/view-relay.ts';

export interface ViewOptions {
  extensionUri: vscode.Uri;
  daemon: DaemonClient;
  /** What the host can do for the page. */
  actions: HostActionKind[];
  act(action: HostAction): void;
  /** Takes runs of the agent whose page is gone. */
  left?: RelayEnds['left'];
}

/**
 * Fills a webview with a view's page. `open` takes the relay of each page
 * that is ready. Later messages go to the relay that `page` returns.
 */
export async function fillWebview(
  webview: vscode.Webview,
  view: 'chat' | 'history',
  on: { options: ViewOptions; open(page: ViewRelay): void; page(): ViewRelay | undefined },
): Promise<void> {
  const { daemon, act, extensionUri, left } = on.options;
  const root = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  const { ViewRelay, isToHost } = await import('./logic/view-relay.ts');
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  const ends = {
    post: (message: FromHost) => void webview.postMessage(message),
    request: daemon.request.bind(daemon),
    act,
    ...(left && { left }),
  } satisfies RelayEnds;
  webview.onDidReceiveMessage((message: unknown) => {
    if (!isToHost(message)) return;
    if (message.type === 'ready') on.open(new ViewRelay(ends));
    else on.page()?.receive(message);
  });
  webview.html = chatHtml({
    scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(root, `${view}.js`)).toString(),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64url'),
    words: vscode.l10n.bundle && { language: vscode.env.language, texts: vscode.l10n.bundle },
  });
}

export function connectionMessage(state: DaemonState): FromHost {
  if (state.kind === 'connected') return { type: 'connection', state: 'connected' };
  if (state.kind === 'starting')
    return { type: 'connection', state: 'reconnecting', detail: 'The daemon is starting.' };
  return { type: 'connection', state: state.kind, detail: state.detail };
}
