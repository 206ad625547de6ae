// Hosts the chat view: its page, its policy, and the relay between page and daemon. It knows nothing of chats themselves.
import * as vscode from 'vscode';
import type { Attachment } from '../shared/protocol/chat.ts';
import type { FromHost, IndexState } from '../shared/webview.ts';
import { hiddenRuns } from './agent/waiting-run.ts';
import type { HiddenRuns } from './logic/hidden-runs.ts';
import type { ViewRelay } from './logic/view-relay.ts';
import { chosenModel } from './settings.ts';
import { connectionMessage, fillWebview, type ViewOptions } from './view-page.ts';

/** Lives as long as the extension is active. The page lives only while it is visible, and is rebuilt from the daemon. */
export class ChatView implements vscode.WebviewViewProvider, vscode.Disposable {
  static readonly id = 'switchyard.chat';
  readonly #options: ViewOptions;
  readonly #hidden: HiddenRuns;
  readonly #subscription: vscode.Disposable;
  /** The relay of the page that is alive, if one is. */
  #page: ViewRelay | undefined;
  #index: IndexState | undefined;
  /** What to tell the page once it is alive. */
  #waiting: FromHost[] = [];

  /** `memory`: of the workspace. */
  constructor(options: ViewOptions, memory: vscode.Memento) {
    this.#options = options;
    this.#hidden = hiddenRuns(options.daemon, memory, () => this.#page !== undefined);
    this.#subscription = vscode.Disposable.from(
      options.daemon.onDidChangeState((state) => {
        this.#page?.post(connectionMessage(state));
        if (state.kind === 'connected') void this.#hidden.find().catch(() => {}); // the list of jobs has them too
      }),
      options.daemon.onDidChangeModels(() => this.modelsChanged()),
      options.daemon.onDidChangeJobs(() => {
        this.#page?.post({ type: 'jobs-changed' });
        void this.#hidden.look().catch(() => {});
      }),
      options.daemon.onDidChangeHistory(() => this.#page?.post({ type: 'history-changed' })),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#page?.post(trustMessage())),
      vscode.window.onDidChangeActiveTextEditor(() => this.#page?.post(openFileMessage())),
    );
  }

  async resolveWebviewView(view: vscode.WebviewView): Promise<void> {
    view.onDidChangeVisibility(() => {
      if (!view.visible) this.#close();
    });
    view.onDidDispose(() => this.#close());
    await fillWebview(view.webview, 'chat', {
      options: {
        ...this.#options,
        left: (run) => this.#hidden.add(run),
      },
      open: (page) => this.#open(page),
      page: () => this.#page,
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
  async openChat(chatId: string): Promise<void> {
    await this.#reveal({ type: 'open-chat', chatId });
  }
  async attach(attachment: Attachment): Promise<void> {
    await this.#reveal({ type: 'attach', attachment });
  }
  async attachPicture(picture: Omit<Extract<FromHost, { type: 'attach-picture' }>, 'type'>): Promise<void> {
    await this.#reveal({ type: 'attach-picture', ...picture });
  }
  /** Sends a question in a new chat. */
  async ask(text: string, attachments: Attachment[] = []): Promise<void> {
    await this.#reveal({ type: 'compose', text, attachments, send: true });
  }
  /** Sends the model for new chats, which may have changed, and has models loaded again, for budgets and policy. */
  settingsChanged(): void {
    this.#page?.post(defaultModelMessage());
    this.modelsChanged();
  }
  /** The window switched to another profile, or its profile changed. */
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
    this.#hidden.withdraw();
    this.#close();
    this.#page = page;
    const folder = vscode.workspace.name;
    page.post({ type: 'hello', host: 'vscode', actions: this.#options.actions, ...(folder && { folder }) });
    page.post(openFileMessage());
    page.post(defaultModelMessage());
    page.post(connectionMessage(this.#options.daemon.state));
    page.post(indexMessage(this.#index));
    page.post(trustMessage());
    this.#flush();
  }

  #flush(): void {
    if (!this.#page) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) this.#page.post(message);
  }

  #close(): void {
    const page = this.#page;
    this.#page = undefined;
    page?.close();
  }
}

function defaultModelMessage(): FromHost {
  return { type: 'default-model', ...chosenModel() };
}

/** Of files only: an output channel or a settings page is nothing to ask about. */
function openFileMessage(): FromHost {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme !== 'file') return { type: 'open-file' };
  return { type: 'open-file', file: { uri: uri.toString(), name: uri.path.split('/').at(-1) ?? '' } };
}

function trustMessage(): FromHost {
  return { type: 'trust', isTrusted: vscode.workspace.isTrusted };
}

function indexMessage(status: IndexState | undefined): FromHost {
  return { type: 'index', ...(status && { status }) };
}
