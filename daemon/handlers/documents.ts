// Wire <-> domain for open documents and the diagnostics on them.
import type { Diagnostic } from 'vscode-languageserver';
import { type Diagnostics, DidChange, type DidClose, DidOpen } from '../../shared/protocol/lsp.ts';
import type { Services } from '../services.ts';
import { nameOf, type Session } from '../sessions/session.ts';
import { noProfileOf } from '../sessions/session-profiles.ts';
import type { Handler } from './handler.ts';

export const handleDidOpen: Handler<typeof DidOpen, DiagnosticsServices, 'none'> = (
  { textDocument },
  { session, services },
) => {
  if (!session.documents.open(textDocument)) return tellUnreadable(session, textDocument.uri);
  void showKnownFindings(session, services, textDocument.uri);
};

export const handleDidChange: Handler<typeof DidChange, 'index' | 'board' | 'completions', 'none'> = (
  { textDocument, contentChanges },
  { session, services },
) => {
  const lengthBefore = session.document(textDocument.uri)?.getText().length ?? 0;
  if (!session.documents.change(textDocument.uri, textDocument.version, contentChanges))
    return tellUnreadable(session, textDocument.uri);
  services.index.noteTyping();
  const length = session.document(textDocument.uri)?.getText().length ?? 0;
  services.completions.noteChange(session, textDocument.uri, contentChanges, { isShorter: length < lengthBefore });
  publishSoon(session, services, textDocument.uri);
};

export const handleDidClose: Handler<typeof DidClose, never, 'none'> = ({ textDocument }, { session }) => {
  session.documents.close(textDocument.uri);
  const sent = session.sentDiagnostics;
  if (sent.has(textDocument.uri)) sent.set(textDocument.uri, unknownDiagnostics);
};

/**
 * A message about a document that can't be read. The document is closed for us, since our text would no longer be what the user sees; all
 * of them are, where a change doesn't say of which document it is. The user is told once.
 */
export function closeUnreadable(session: Session, method: string, params: unknown): void {
  const { uri } = (params as { textDocument?: { uri?: unknown } } | null | undefined)?.textDocument ?? {};
  const named = typeof uri === 'string' ? [uri] : [];
  const changed = method === DidChange.method ? session.documents.all.map((document) => document.uri) : [];
  for (const closed of named.length > 0 ? named : changed)
    if (session.documents.close(closed) || method === DidOpen.method) tellUnreadable(session, closed);
}

function tellUnreadable(session: Session, uri: string): void {
  session.sentDiagnostics.delete(uri);
  session.peer.notify('textDocument/publishDiagnostics', { uri, diagnostics: [] });
  session.peer.notify('window/showMessage', {
    type: 2, // LSP MessageType.Warning
    message: `Switchyard: ${nameOf(uri)} is too large, or the editor sent a change that can't be read. Reviews and code actions don't see the file until you close it and open it again.`,
  });
}

export const handleDiagnostics: Handler<typeof Diagnostics, 'board', 'own-or-none'> = ({ textDocument }, call) => ({
  kind: 'full',
  items: diagnosticsOf(call.session, call.services, textDocument.uri),
});

/** Shows a session the findings of its documents, now and whenever they change. */
export function publishOnChange(session: Session, services: Pick<Services, 'board'>): void {
  session.onClose(
    services.board.onChange((profile, uri) => {
      if (profile !== boardOf(session)) return;
      for (const document of session.documents.underAnyName(uri)) publish(session, services, document.uri);
    }),
  );
  session.onClose(() => services.board.forget(noProfileOf(session)));
}

/** What it takes to show a session the findings of a document. */
export type DiagnosticsServices = 'board' | 'sessionProfiles' | 'storage' | 'log';

async function showKnownFindings(
  session: Session,
  services: Pick<Services, DiagnosticsServices>,
  uri: string,
): Promise<void> {
  try {
    const profile = await services.sessionProfiles.profileOf(session);
    await services.board.in(profile).recall(uri, services.storage.in(profile).findings);
  } catch (error) {
    services.log.warn({ error: String(error) }, 'no findings from storage');
  }
  publish(session, services, uri);
}

/** The profile whose findings a session is shown: none until its own is known. */
function boardOf(session: Session): string {
  return session.profile ?? noProfileOf(session);
}

/** Shows a session that has switched its profile the findings of the new one. */
export function publishAll(session: Session, services: Pick<Services, DiagnosticsServices>): void {
  for (const { uri } of session.documents.all) void showKnownFindings(session, services, uri);
}

/** Once for all keystrokes that came together. */
function publishSoon(session: Session, services: Pick<Services, 'board'>, uri: string): void {
  const { changedDocuments } = session;
  if (changedDocuments.size === 0)
    setImmediate(() => {
      const uris = [...changedDocuments];
      changedDocuments.clear();
      for (const changed of uris) publish(session, services, changed);
    });
  changedDocuments.add(uri);
}

const unknownDiagnostics = ''; // some editors keep showing those of a closed document, others do not

function publish(session: Session, services: Pick<Services, 'board'>, uri: string): void {
  const document = session.document(uri);
  if (!document) return;
  const diagnostics = diagnosticsOf(session, services, uri);
  const content = JSON.stringify(diagnostics);
  if (content === (session.sentDiagnostics.get(uri) ?? '[]')) return; // most keystrokes move no finding
  session.sentDiagnostics.set(uri, content);
  session.peer.notify('textDocument/publishDiagnostics', { uri, version: document.version, diagnostics });
}

const severities = { error: 1, warning: 2, info: 3, hint: 4 } as const; // LSP DiagnosticSeverity

function diagnosticsOf(session: Session, services: Pick<Services, 'board'>, uri: string): Diagnostic[] {
  const document = session.document(uri);
  if (!document) return [];
  return services.board
    .in(boardOf(session))
    .at(uri, document)
    .map((finding) => ({
      range: finding.range,
      severity: severities[finding.severity],
      source: 'switchyard',
      ...(finding.rule && { code: finding.rule }),
      message: finding.message,
      data: { findingId: finding.id },
    }));
}
