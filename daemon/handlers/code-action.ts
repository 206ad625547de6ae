// Wire <-> domain for the light bulb and the actions behind it.
import type { Command, Diagnostic, CodeAction as LspCodeAction } from 'vscode-languageserver';
import type { CodeAction, CodeTests } from '../../shared/protocol/code.ts';
import type { CodeActionResolve, CodeActions } from '../../shared/protocol/lsp.ts';
import type { TextEdit, WorkspaceEdit } from '../../shared/protocol/text.ts';
import type { Snippet } from '../base/snippet.ts';
import { type ActionOffer, offersFor } from '../features/code-actions/producers.ts';
import type { Session } from '../sessions/session.ts';
import { editListeners } from './edit-listeners.ts';
import type { Handler } from './handler.ts';
import { currentEdit, toWorkspaceEdit } from './workspace-edit.ts';

export const handleCodeActions: Handler<typeof CodeActions, 'board' | 'log' | 'pendingFiles', 'own-or-none'> = async (
  { textDocument, range, context },
  { session, services, profile },
) => {
  const { ownCommands: hasOwnCommands = false } = session.options;
  // What fails there must not keep the other offers away.
  const agentRun = hasOwnCommands
    ? undefined
    : await services.pendingFiles.runOf(profile, textDocument.uri).catch(() => undefined);
  const document = session.document(textDocument.uri);
  if (!document) return [];
  const snippet = session.snippet({ uri: textDocument.uri });
  const agentHunks =
    agentRun === undefined ? [] : await services.pendingFiles.hunksIn(snippet, profile, agentRun).catch(() => []);
  const diagnostics = context.diagnostics.map(({ range: at, message, source, code, data }) => ({
    range: at,
    message,
    ...(source && { source }),
    ...(code !== undefined && code !== null && { code }),
    ...(data !== undefined && { data }),
  }));
  const offers = offersFor(
    {
      snippet,
      range,
      diagnostics,
      findings: services.board.in(profile).at(snippet.uri, document),
      hasOwnCommands,
      ...(agentRun !== undefined && { agentRun, agentHunks }),
    },
    services.log,
  );
  const { only } = context;
  const wanted = only?.length
    ? offers.filter(({ kind }) => only.some((prefix) => `${kind}.`.startsWith(prefix && `${prefix}.`)))
    : offers; // the empty kind is the root of all
  return knowsLiterals(session) ? wanted.map((offer) => toCodeAction(offer, snippet)) : wanted.flatMap(toCommand);
};

/** Clients without this capability take commands only, as up to LSP 3.7. */
function knowsLiterals({ capabilities }: Session): boolean {
  return Boolean(capabilities.textDocument?.codeAction?.codeActionLiteralSupport);
}

function toCodeAction(offer: ActionOffer, snippet: Parameters<typeof toWorkspaceEdit>[0]): LspCodeAction {
  const { title, kind, diagnostic, isPreferred, edits, command } = offer;
  return {
    title,
    kind,
    ...(diagnostic && { diagnostics: [diagnostic as Diagnostic] }),
    ...(isPreferred && { isPreferred }),
    ...(edits ? { edit: toWorkspaceEdit(snippet, edits) } : { command: { title, ...command } }),
  };
}

function toCommand({ title, command }: ActionOffer): Command[] {
  return command ? [{ title, ...command }] : [];
}

/** An offered action is complete already; some clients resolve it all the same. */
export const handleCodeActionResolve: Handler<typeof CodeActionResolve, never, 'none'> = (action) => action;

export const handleCodeAction: Handler<typeof CodeAction, 'actions' | 'sessionProfiles', 'own-or-none'> = async (
  params,
  { session, services, profile, signal, emit, cancel },
) => {
  const { kind, textDocument, range, diagnostic, instruction, previous, retry, model, workDoneToken } = params;
  const snippet = session.snippet(textDocument);
  const progress = session.workDone(workDoneToken, 'Working on the code', cancel);
  let output = '';
  try {
    const modelOf = await services.sessionProfiles.modelRule(session, profile);
    const request = {
      profile,
      kind,
      snippet,
      range,
      ...(diagnostic !== undefined && { diagnostic }),
      ...(instruction !== undefined && { instruction }),
      ...(previous && { turns: previous }),
      ...(retry && { isRetry: true }),
      ...modelOf({ message: model }),
      policy: session.options.policy,
    };
    const {
      edits,
      document = snippet,
      text,
      note,
      decision,
    } = await services.actions.perform(request, {
      roots: session.roots,
      signal,
      ...editListeners(emit, progress),
      openDocument: (uri) => (session.document(uri) ? session.snippet({ uri }) : undefined),
    });
    output = note ?? '';
    return {
      ...(edits ? { edit: editOf(document, edits, session) } : { text: text ?? '' }),
      ...(note && { note }),
      decision,
    };
  } finally {
    progress.end(output);
  }
};

/** A file that no editor has open, or that isn't there yet, has no version. */
function editOf(document: Snippet, edits: TextEdit[], session: Session): WorkspaceEdit {
  return session.document(document.uri) ? currentEdit(session, document, edits) : toWorkspaceEdit(document, edits);
}

export const handleCodeTests: Handler<typeof CodeTests, 'actions', 'none'> = async (
  { textDocument: { uri } },
  { session: { roots }, services, signal },
) => ({ tests: await services.actions.testsFor(uri, { roots, signal }) });
