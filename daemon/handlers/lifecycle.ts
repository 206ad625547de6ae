// Wire <-> domain for the life of a session: the client's capabilities and settings, and ours.
import type { InitializeResult } from 'vscode-languageserver';
import type { DidChangeConfiguration, Initialize, Shutdown } from '../../shared/protocol/lsp.ts';
import { wireVersion } from '../../shared/protocol/version.ts';
import { thisBuild } from '../base/build.ts';
import { UserError } from '../base/errors.ts';
import { toPath } from '../base/uri.ts';
import { lineFor } from '../sessions/log-filter.ts';
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
    throw new UserError(
      'already-initialized',
      'This connection is initialized already. Open another one to begin anew.',
    );
  session.initialized = true;
  session.name = params.clientInfo?.name ?? 'unknown';
  session.options = params.initializationOptions?.switchyard ?? {};
  session.capabilities = params.capabilities ?? {};
  session.roots = (
    params.workspaceFolders?.map((folder) => folder.uri) ?? (params.rootUri ? [params.rootUri] : [])
  ).filter(isUsable);
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
  // Indexing needs a profile, and so storage, which this answer does not wait for.
  if (session.isEditor && session.roots.length > 0 && session.isIndexed) {
    services.sessionProfiles.profileOf(session).then(
      (profile) => services.contexts.follow(session, profile),
      () => {},
    );
  }
  const capabilities: InitializeResult['capabilities'] = {
    textDocumentSync: { openClose: true, change: incrementalSync },
    codeActionProvider: { codeActionKinds: ['quickfix', 'refactor'], resolveProvider: true },
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
export const handleShutdown: Handler<typeof Shutdown, never, 'none'> = () => null;
