// Wire <-> domain for the life of a session: the client's capabilities and settings, and ours.
import type { InitializeResult } from 'vscode-languageserver';
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
import type { Services } from '../services.ts';
import { changedFolders, introducedFolders } from '../sessions/folders.ts';
import { lineFor } from '../sessions/log-filter.ts';
import type { Session } from '../sessions/session.ts';
import { commandNames } from './commands.ts';
import type { Handler } from './handler.ts';

const incrementalSync = 2; // LSP TextDocumentSyncKind.Incremental
const triggerCharacters = [...' .,:=([{']; // after which code goes on; editors ask after a word's letters by themselves

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
  session.roots = introducedFolders(params);
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
    inlineCompletionProvider: true,
    ...(session.options.completion?.inList && { completionProvider: { triggerCharacters } }),
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

export const handleDidChangeWorkspaceFolders: Handler<typeof DidChangeWorkspaceFolders, FollowServices, 'none'> = (
  { event },
  { session, services },
) => {
  session.roots = changedFolders(session.roots, event);
  followFolders(session, services);
};

/** Settings that may change during a session. A setting that is left out no longer holds. Requests under way keep the ones they began with. */
export const handleDidChangeConfiguration: Handler<typeof DidChangeConfiguration, never, 'none'> = (
  { settings },
  { session },
) => {
  const { policy: _policy, budgets: _budgets, model: _model, completion: _completion, ...rest } = session.options;
  if (settings?.switchyard) session.options = { ...rest, ...settings.switchyard };
};

/** The session ends with its connection; the daemon stays for the others. */
export const handleShutdown: Handler<typeof Shutdown, never, 'none'> = (_params, { session }) => {
  session.isShutDown = true;
  return null;
};

export const handleWorkDoneCancel: Handler<typeof WorkDoneCancel, never, 'none'> = ({ token }, { session }) =>
  session.cancelWork(token);
