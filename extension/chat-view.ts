// Hosts the chat view: its page, its policy, and the relay between page and daemon. What a chat is, the page and the daemon know.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Attachment } from '../shared/protocol/chat.ts';
import type { FromHost, HostAction, HostActionKind, IndexState } from '../shared/webview.ts';
import type { DaemonClient } from './daemon-client.ts';
import { chatHtml } from './logic/chat-html.ts';
import type { DaemonState } from './logic/status-text.ts';
import type { ViewRelay } from './logic/view-relay.ts';
import { chosenModel } from './settings.ts';

export interface ChatViewOptions {
  extensionUri: vscode.Uri;
  daemon: DaemonClient;
  /** What the host can do for the page. */
  actions: HostActionKind[];
  act(action: HostAction): void;
}

/** Lives as long as the extension is active. The page lives only while it is visible, and is rebuilt from the daemon. */
export class ChatView implements vscode.WebviewViewProvider, vscode.Disposable {
  static readonly id = 'switchyard.chat';
  readonly #options: ChatViewOptions;
  readonly #subscription: vscode.Disposable;
  /** The relay of the page that is alive, if one is. */
  #page: ViewRelay | undefined;
  #index: IndexState | undefined;
  /** What to tell the page once it is alive. */
  #waiting: FromHost[] = [];

  constructor(options: ChatViewOptions) {
    this.#options = options;
    this.#subscription = options.daemon.onDidChangeState((state) => this.#page?.post(connectionMessage(state)));
  }

  async resolveWebviewView(view: vscode.WebviewView): Promise<void> {
    const { webview } = view;
    const root = vscode.Uri.joinPath(this.#options.extensionUri, 'dist', 'webview');
    const { ViewRelay, isToHost } = await import('./logic/view-relay.ts');
    webview.options = { enableScripts: true, localResourceRoots: [root] };
    webview.onDidReceiveMessage((message: unknown) => {
      if (!isToHost(message)) return;
      if (message.type === 'ready') this.#open(new ViewRelay(this.#ends(webview)));
      else this.#page?.receive(message);
    });
    view.onDidChangeVisibility(() => {
      if (!view.visible) this.#close();
    });
    view.onDidDispose(() => this.#close());
    webview.html = chatHtml({
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(root, 'chat.js')).toString(),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
    });
  }

  /** Brings the view to the front, and the keyboard to its composer. */
  async focus(): Promise<void> {
    await this.#reveal({ type: 'focus' });
  }
  /** How far the code of this window is indexed, for a page that is alive and those that come. */
  showIndex(index: IndexState | undefined): void {
    this.#index = index;
    this.#page?.post(indexMessage(index));
  }
  async newChat(): Promise<void> {
    await this.#reveal({ type: 'new-chat' });
  }
  async attach(attachment: Attachment): Promise<void> {
    await this.#reveal({ type: 'attach', attachment });
  }
  /** Sends a question in a new chat. */
  async ask(text: string): Promise<void> {
    await this.#reveal({ type: 'compose', text, attachments: [], send: true });
  }
  /** The model for new chats, budgets or the policy may be others: a page that is alive shows them. */
  settingsChanged(): void {
    this.#page?.post(defaultModelMessage());
    this.modelsChanged();
  }
  /** The window works in another profile, or what is known of its own changed. */
  profileChanged(): void {
    this.#page?.post({ type: 'profile-changed' });
    this.modelsChanged();
  }
  /** Answers the page's question which paths are files of the workspace. */
  confirmPaths(places: { path: string; uri: string }[]): void {
    this.#page?.post({ type: 'confirmed-paths', places });
  }
  /** Models or keys changed: a page that is alive asks again. */
  modelsChanged(): void {
    this.#page?.post({ type: 'models-changed' });
  }

  dispose(): void {
    this.#close();
    this.#subscription.dispose();
  }

  async #reveal(message: FromHost): Promise<void> {
    this.#waiting.push(message);
    await vscode.commands.executeCommand(`${ChatView.id}.focus`);
    this.#flush();
  }

  #open(page: ViewRelay): void {
    this.#close();
    this.#page = page;
    page.post({ type: 'hello', host: 'vscode', actions: this.#options.actions });
    page.post(defaultModelMessage());
    page.post(connectionMessage(this.#options.daemon.state));
    page.post(indexMessage(this.#index));
    this.#flush();
  }

  #flush(): void {
    if (!this.#page) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) this.#page.post(message);
  }

  #close(): void {
    this.#page?.close();
    this.#page = undefined;
  }

  #ends(webview: vscode.Webview) {
    const { daemon, act } = this.#options;
    return {
      post: (message: FromHost) => void webview.postMessage(message),
      request: daemon.request.bind(daemon),
      act,
    };
  }
}

function defaultModelMessage(): FromHost {
  return { type: 'default-model', ...chosenModel() };
}

function indexMessage(status: IndexState | undefined): FromHost {
  return { type: 'index', ...(status && { status }) };
}

function connectionMessage(state: DaemonState): FromHost {
  if (state.kind === 'connected') return { type: 'connection', state: 'connected' };
  if (state.kind === 'starting') return { type: 'connection', state: 'reconnecting', detail: 'The daemon is starting.' };
  return { type: 'connection', state: state.kind, detail: state.detail };
}
