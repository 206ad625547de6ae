// The one place that knows where the page lives: in VS Code (postMessage) or in a browser tab (WebSocket to the daemon).
import { hiddenWarning, withoutHidden } from '../shared/hidden-characters.ts';
import { pictureEnding } from '../shared/pictures.ts';
import type { FromHost, HostAction, ToHost } from '../shared/webview.ts';
import { t } from './words.ts';

/** Lives as long as the page. */
export interface Host {
  readonly kind: 'vscode' | 'browser';
  /** Says whether the message could be sent. */
  post(message: ToHost): boolean;
  /** Carries out a gesture that the page cannot, or fails with the reason. */
  act(action: HostAction): Promise<void>;
  /** What was saved before the view was hidden or killed. */
  load(): unknown;
  save(saved: unknown): void;
  /** Begins to listen and says `ready`. */
  start(listener: HostListener): void;
}

interface HostListener {
  onMessage(message: FromHost): void;
  /** The page may ask from now on, and again after each loss: it need not wait for `hello`. */
  onReady?(): void;
  /** Every request under way is lost. */
  onLost(): void;
}

/** `view` names what is saved in a browser, where the views share a storage. */
export function createHost(view: 'chat' | 'history' | 'jobs'): Host {
  return typeof acquireVsCodeApi === 'function'
    ? createVsCodeHost(acquireVsCodeApi())
    : createBrowserHost(`switchyard.${view}`);
}

function createVsCodeHost(api: ReturnType<typeof acquireVsCodeApi>): Host {
  const post = (message: ToHost): boolean => {
    api.postMessage(message);
    return true;
  };
  return {
    kind: 'vscode',
    post,
    act: async (action) => void post({ type: 'action', action }),
    load: () => api.getState(),
    save: (saved) => void api.setState(saved),
    start(listener) {
      window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (isFromHost(data)) listener.onMessage(data);
      });
      post({ type: 'ready' });
      listener.onReady?.();
    },
  };
}

const firstRetryMs = 250;
const maxRetryMs = 10_000;

function createBrowserHost(storageKey: string): Host {
  let socket: WebSocket | undefined;
  const post = (message: ToHost): boolean => {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(message));
    return true;
  };

  function connect(listener: HostListener, retryMs: number): void {
    let nextRetryMs = Math.min(retryMs * 2, maxRetryMs);
    socket = new WebSocket(new URL('ws', location.href).href.replace(/^http/, 'ws')); // beside the page: its session is its own
    socket.addEventListener('open', () => {
      nextRetryMs = firstRetryMs;
      post({ type: 'ready' });
      listener.onReady?.();
    });
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = parse(data);
      if (message) listener.onMessage(message);
    });
    socket.addEventListener('close', () => {
      listener.onLost();
      listener.onMessage({
        type: 'connection',
        state: 'reconnecting',
        detail: t("Switchyard isn't responding. Trying again…"),
      });
      setTimeout(() => connect(listener, nextRetryMs), retryMs);
    });
  }

  return {
    kind: 'browser',
    post,
    act: async (action) => (isForDaemon(action) ? void post({ type: 'action', action }) : actInBrowser(action)),
    load: () => JSON.parse(sessionStorage.getItem(storageKey) ?? 'null'),
    save: (saved) => sessionStorage.setItem(storageKey, JSON.stringify(saved)),
    start: (listener) => connect(listener, firstRetryMs),
  };
}

/** Actions that the daemon carries out for a page without an editor. */
function isForDaemon({ kind }: HostAction): boolean {
  return kind === 'switch-profile' || kind === 'refresh-index';
}

/** A browser tab has no editor behind it. All other actions are those that a page can do by itself. */
async function actInBrowser(action: HostAction): Promise<void> {
  switch (action.kind) {
    case 'copy':
      return await copyInBrowser(action.text);
    case 'open-external':
      return void window.open(action.url, '_blank', 'noopener,noreferrer');
    case 'open-chat':
      return location.assign(`./#chat=${encodeURIComponent(action.chatId)}`);
    case 'open-history':
      return location.assign(
        action.query === undefined ? 'history' : `history#search=${encodeURIComponent(action.query)}`,
      );
    case 'save-picture':
      return saveFile(`picture.${pictureEnding(action.mediaType)}`, pictureFile(action));
    case 'save-export':
      return saveFile(action.name, new Blob([action.text], { type: 'text/plain' }));
    default:
      throw new Error(t('This only works in an editor. Open the chat in VS Code.'));
  }
}

/** Asks first where the text has characters that nobody sees, and then copies it without them. */
async function copyInBrowser(text: string): Promise<void> {
  const warning = hiddenWarning(text, t);
  if (warning !== undefined && !window.confirm(`${warning}\n\n${t('Copy the text without them?')}`)) return;
  await navigator.clipboard.writeText(warning === undefined ? text : withoutHidden(text));
}

function pictureFile({ mediaType, data }: HostAction & { kind: 'save-picture' }): Blob {
  return new Blob([Uint8Array.from(atob(data), (character) => character.charCodeAt(0))], { type: mediaType });
}

/** As a download of the browser's. */
export function saveFile(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}

function parse(data: unknown): FromHost | undefined {
  if (typeof data !== 'string') return undefined;
  const message: unknown = JSON.parse(data);
  return isFromHost(message) ? message : undefined;
}

function isFromHost(data: unknown): data is FromHost {
  return typeof data === 'object' && data !== null && 'type' in data && typeof data.type === 'string';
}
