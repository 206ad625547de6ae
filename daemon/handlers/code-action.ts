// Wire <-> domain for the light bulb and for what is behind it.
import type { Command, Diagnostic, CodeAction as LspCodeAction } from 'vscode-languageserver';
import type { CodeAction } from '../../shared/protocol/code.ts';
import type { CodeActionResolve, CodeActions } from '../../shared/protocol/lsp.ts';
import { UserError } from '../base/errors.ts';
import { type ActionOffer, offersFor } from '../features/code-actions/producers.ts';
import type { Session } from '../sessions/session.ts';
import type { Handler } from './handler.ts';
import { meantModel } from './meant-model.ts';
import { toWorkspaceEdit } from './review.ts';

export const handleCodeActions: Handler<typeof CodeActions> = async (
  { textDocument, range, context },
  { session, services },
) => {
  if (!session.document(textDocument.uri)) return [];
  const snippet = session.snippet({ uri: textDocument.uri });
  const diagnostics = context.diagnostics.map(({ range: at, message, source, data }) => ({
    range: at,
    message,
    ...(source && { source }),
    ...(data !== undefined && { data }),
  }));
  const offers = offersFor(
    {
      snippet,
      range,
      diagnostics,
      findings: services.board.in(await services.sessionProfiles.profileOrNone(session)).at(snippet.uri, snippet.text),
    },
    services.log,
  );
  const { only } = context;
  const wanted = only
    ? offers.filter(({ kind }) => only.some((prefix) => kind === prefix || kind.startsWith(`${prefix}.`)))
    : offers;
  return knowsLiterals(session) ? wanted.map((offer) => toCodeAction(offer, snippet)) : wanted.flatMap(toCommand);
};

/** Clients that do not say so take commands only, as LSP 3.7 and before. */
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

/** Every row is whole when it is offered; this is for clients that ask all the same. */
export const handleCodeActionResolve: Handler<typeof CodeActionResolve> = (action) => action;

export const handleCodeAction: Handler<typeof CodeAction> = async (params, { session, services, signal }) => {
  const { kind, textDocument, range, diagnostic, model, workDoneToken } = params;
  const snippet = session.snippet(textDocument);
  const progress = await session.workDone(workDoneToken, 'Working on the code');
  let said = '';
  try {
    const profile = await services.sessionProfiles.profileOrNone(session);
    const meant = await meantModel({ profile, model }, { session, services });
    const request = {
      profile,
      kind,
      snippet,
      range,
      ...(diagnostic !== undefined && { diagnostic }),
      ...meant,
      policy: session.options.policy,
    };
    const { edits, text, note, decision } = await services.actions.perform(request, {
      signal,
      onText: (part) => progress.report(part.trim().slice(-60)),
    });
    if (session.document(snippet.uri)?.version !== snippet.version) {
      throw new UserError(
        'document-moved',
        'The document changed while the model was answering, so nothing was edited. Try again.',
        { retryable: true },
      );
    }
    said = note ?? '';
    return {
      ...(edits ? { edit: toWorkspaceEdit(snippet, edits) } : { text: text ?? '' }),
      ...(note && { note }),
      decision,
    };
  } finally {
    progress.end(said);
  }
};
