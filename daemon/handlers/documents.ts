// Wire <-> domain for open documents and the diagnostics on them.
import type { Diagnostic } from 'vscode-languageserver';
import type { Diagnostics, DidChange, DidClose, DidOpen } from '../../shared/protocol/lsp.ts';
import type { Services } from '../services.ts';
import type { Session } from '../sessions/session.ts';
import { nobody } from '../sessions/session-profile.ts';
import type { Handler } from './handler.ts';

export const handleDidOpen: Handler<typeof DidOpen> = ({ textDocument }, { session, services }) => {
  session.open(textDocument);
  void showKnownFindings(session, services, textDocument.uri);
};

export const handleDidChange: Handler<typeof DidChange> = ({ textDocument, contentChanges }, { session, services }) => {
  session.change(textDocument.uri, textDocument.version, contentChanges);
  services.index.noteTyping();
  publish(session, services, textDocument.uri);
};

export const handleDidClose: Handler<typeof DidClose> = ({ textDocument }, { session }) => {
  session.forget(textDocument.uri);
  lastSent.get(session)?.set(textDocument.uri, nothingKnown);
};

export const handleDiagnostics: Handler<typeof Diagnostics> = async ({ textDocument }, { session, services }) => {
  await services.sessionProfiles.profileOrNone(session);
  return { kind: 'full', items: diagnosticsOf(session, services, textDocument.uri) };
};

/** Shows a session the findings of its documents, now and whenever they change. */
export function publishOnChange(session: Session, services: Services): void {
  session.onClose(
    services.board.onChange((profile, uri) => {
      if (profile === boardOf(session)) publish(session, services, uri);
    }),
  );
  session.onClose(() => services.board.forget(nobody(session)));
}

/** After a restart of the daemon the findings of the last review are still true where their code still stands. */
async function showKnownFindings(session: Session, services: Services, uri: string): Promise<void> {
  try {
    const profile = await services.sessionProfiles.profileOf(session);
    const board = services.board.in(profile);
    if (!board.has(uri)) {
      const stored = await services.storage.in(profile).findings.latest(uri);
      if (!board.has(uri))
        board.set(
          uri,
          stored.map(({ finding }) => finding),
        );
    }
  } catch (error) {
    services.log.warn({ error: String(error) }, 'no findings from storage');
  }
  publish(session, services, uri);
}

/** Whose findings a session is shown; nobody's until its profile is known. */
function boardOf(session: Session): string {
  return session.profile ?? nobody(session);
}

/** Shows a session that has switched its profile the findings of the new one. */
export function publishAll(session: Session, services: Services): void {
  for (const { uri } of session.documents) void showKnownFindings(session, services, uri);
}

const lastSent = new WeakMap<Session, Map<string, string>>();
const nothingKnown = ''; // of what an editor still shows for a document that was closed: some forget it, some do not

function publish(session: Session, services: Services, uri: string): void {
  const document = session.document(uri);
  if (!document) return;
  const diagnostics = diagnosticsOf(session, services, uri);
  const sent = lastSent.get(session) ?? new Map<string, string>();
  lastSent.set(session, sent);
  const content = JSON.stringify(diagnostics);
  if (content === (sent.get(uri) ?? '[]')) return; // while the user types, most changes move nothing
  sent.set(uri, content);
  session.peer.notify('textDocument/publishDiagnostics', { uri, version: document.version, diagnostics });
}

const severities = { error: 1, warning: 2, info: 3, hint: 4 } as const; // LSP DiagnosticSeverity

function diagnosticsOf(session: Session, services: Services, uri: string): Diagnostic[] {
  const document = session.document(uri);
  if (!document) return [];
  return services.board
    .in(boardOf(session))
    .at(uri, document.getText())
    .map((finding) => ({
      range: finding.range,
      severity: severities[finding.severity],
      source: 'switchyard',
      ...(finding.rule && { code: finding.rule }),
      message: finding.message,
      data: { findingId: finding.id },
    }));
}
