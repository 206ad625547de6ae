// Wire <-> domain for the life of a session: the client's capabilities and settings, and ours.
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InitializeResult } from 'vscode-languageserver';
import type { Params } from '../../shared/protocol/define.ts';
import type {
  DidChangeConfiguration,
  DidChangeWorkspaceFolders,
  Initialize,
  Shutdown,
  WorkDoneCancel,
} from '../../shared/protocol/lsp.ts';
import { wireVersion } from '../../shared/protocol/version.ts';
import { thisBuild } from '../base/build.ts';
import { UserError } from '../base/errors.ts';
import { oneSpelling, toPath } from '../base/uri.ts';
import type { Services } from '../services.ts';
import { lineFor } from '../sessions/log-filter.ts';
import type { Session } from '../sessions/session.ts';
import { commandNames } from './commands.ts';
import type { Handler } from './handler.ts';

const incrementalSync = 2; // LSP TextDocumentSyncKind.Incremental

type InitializeServices =
  | 'shared'
  | 'logSink'
  | 'requestContext'
  | 'sessions'
  | 'egress'
  | 'sessionProfiles'
  | 'contexts';

export const handleInitialize: Handler<typeof Initialize, InitializeServices, 'none'> = (
  params,
  { session, services },
) => {
  if (session.initialized)
    throw new UserError('already-initialized', 'This connection is already initialized. Open another one.');
  session.initialized = true;
  session.name = params.clientInfo?.name ?? 'unknown';
  session.options = params.initializationOptions?.switchyard ?? {};
  session.capabilities = params.capabilities ?? {};
  session.roots = rootsOf(params);
  if (session.options.log) {
    const types = { debug: 4, info: 3, warn: 2, error: 1 };
    session.onClose(
      services.logSink.subscribe((line) => {
        const message = lineFor(session, services.requestContext.session, line);
        if (message !== undefined) session.peer.notify('window/logMessage', { type: types[line.level], message });
      }),
    );
  }
  if (session.options.localOnly || session.options.proxy) {
    services.egress.refresh(); // the way out follows what its clients demand, from now until they leave
    session.onClose(() => services.egress.refresh());
  }
  setImmediate(() => services.sessions.greet(session)); // after the reply
  if (session.roots.length > 0) followFolders(session, services);
  const capabilities: InitializeResult['capabilities'] = {
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    textDocumentSync: { openClose: true, change: incrementalSync },
    codeActionProvider: { codeActionKinds: ['quickfix', 'refactor', 'source'], resolveProvider: true },
    // A client that takes pushed diagnostics and pulls them too would show each finding twice.
    ...(!session.capabilities.textDocument?.publishDiagnostics && {
      diagnosticProvider: { identifier: 'switchyard', interFileDependencies: false, workspaceDiagnostics: false },
    }),
    ...(!session.options.ownCommands && {
      executeCommandProvider: { commands: [...commandNames], workDoneProgress: true },
    }),
    experimental: { switchyard: { wire: wireVersion, shared: services.shared, pid: process.pid } },
  };
  return { capabilities, serverInfo: { name: 'switchyard', version: thisBuild.version } };
};

type FollowServices = 'sessionProfiles' | 'contexts';

/** Indexes the session's folders. That needs a profile, and so storage, which no answer waits for. */
function followFolders(session: Session, { sessionProfiles, contexts }: Pick<Services, FollowServices>): void {
  if (!session.isEditor || !session.isIndexed) return;
  sessionProfiles.profileOf(session).then(
    (profile) => contexts.follow(session, profile),
    () => {},
  );
}

/** The folders as the newest of three forms names them. */
function rootsOf({ workspaceFolders, rootUri, rootPath }: Params<typeof Initialize>): string[] {
  const folders = urisOf(workspaceFolders);
  if (folders.length > 0) return folders;
  const root = rootUri || (rootPath && isAbsolute(rootPath) && pathToFileURL(rootPath).href);
  return root && isUsable(root) ? [root] : [];
}

type Folders = Params<typeof DidChangeWorkspaceFolders>['event']['added'];

function urisOf(folders: Folders): string[] {
  return (folders ?? []).flatMap((folder) => (folder && isUsable(folder.uri) ? [folder.uri] : []));
}

export const handleDidChangeWorkspaceFolders: Handler<typeof DidChangeWorkspaceFolders, FollowServices, 'none'> = (
  { event },
  { session, services },
) => {
  const removed = new Set(urisOf(event.removed).map(oneSpelling));
  const added = urisOf(event.added);
  const known = new Set(added.map(oneSpelling));
  const kept = session.roots.filter((root) => !removed.has(oneSpelling(root)) && !known.has(oneSpelling(root)));
  session.roots = [...kept, ...added];
  followFolders(session, services);
};

/** False for a folder in which nothing could be read: one on another machine's disk (`file://host/…`), or one that no path can name. */
function isUsable(root: string): boolean {
  return !root.startsWith('file:') || toPath(root) !== undefined;
}

/** Settings that may change during a session. A setting that is left out no longer holds. Requests under way keep the ones they began with. */
export const handleDidChangeConfiguration: Handler<typeof DidChangeConfiguration, never, 'none'> = (
  { settings },
  { session },
) => {
  const { policy: _policy, budgets: _budgets, model: _model, ...rest } = session.options;
  if (settings?.switchyard) session.options = { ...rest, ...settings.switchyard };
};

/** The session ends with its connection; the daemon stays for the others. */
export const handleShutdown: Handler<typeof Shutdown, never, 'none'> = (_params, { session }) => {
  session.isShutDown = true;
  return null;
};

export const handleWorkDoneCancel: Handler<typeof WorkDoneCancel, never, 'none'> = ({ token }, { session }) =>
  session.cancelWork(token);
