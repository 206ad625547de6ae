// @switchyard /fix and /tests: a model's edit opens as a preview in the editor, where it is applied or discarded. Nothing changes before.

import * as vscode from 'vscode';
import { CodeAction } from '../../shared/protocol/code.ts';
import { whyThisModel } from '../logic/decision-text.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import { toWire } from '../places.ts';
import type { ParticipantCall, ResultNote } from './participant-call.ts';
import { safeMarkdown } from './shown-markdown.ts';
import { nameOf, type Subject, subjectsOf, wholeRange } from './subject.ts';

export async function writeFix(call: ParticipantCall): Promise<ResultNote> {
  const subject = await onlySubject(call);
  const problems = vscode.languages
    .getDiagnostics(subject.document.uri)
    .filter(({ range }) => range.intersection(wholeRange(subject)))
    .map(({ message }) => message);
  return write(call, subject, { kind: 'fix', title: vscode.l10n.t('Fix'), problems: problems.join('\n') });
}

export async function writeTests(call: ParticipantCall): Promise<ResultNote> {
  return write(call, await onlySubject(call), { kind: 'tests', title: vscode.l10n.t('Tests'), problems: '' });
}

/** A preview is of one document. */
async function onlySubject({ request, stream }: ParticipantCall): Promise<Subject> {
  const [subject, ...others] = await subjectsOf(request);
  if (others.length > 0)
    stream.markdown(
      `> ${vscode.l10n.t('This is about {0} only. Ask for other files one by one.', escapeMarkdown(nameOf(subject)))}\n\n`,
    );
  return subject;
}

interface WantedEdit {
  kind: 'fix' | 'tests';
  title: string;
  /** What is reported about the code. */
  problems: string;
}

const maxWords = 10_000; // characters, which the protocol takes

async function write(
  { ctx, request, stream, signal }: ParticipantCall,
  subject: Subject,
  { kind, title, problems }: WantedEdit,
): Promise<ResultNote> {
  const { uri, version } = subject.document;
  stream.progress(kind === 'fix' ? vscode.l10n.t('Writing a fix') : vscode.l10n.t('Writing tests'));
  const asked = request.prompt.trim();
  const params = {
    kind,
    range: toWire(wholeRange(subject)),
    textDocument: { uri: uri.toString(), version },
    ...(problems !== '' && { diagnostic: problems.slice(0, maxWords) }),
    ...(asked !== '' && { instruction: asked.slice(0, maxWords) }),
  };
  const { edit, text, note, decision } = await ctx.daemon.call(CodeAction, params, { signal });
  const why = whyThisModel(decision);
  stream.reference(uri);
  for (const sentence of [...(note ? [note] : []), ...why]) stream.markdown(`> ${escapeMarkdown(sentence)}\n\n`);
  if (text) stream.markdown(`${safeMarkdown(text)}\n\n`);
  if (edit) {
    const requestedVersion = kind === 'tests' ? undefined : version; // tests are of another file
    const options = { requestedVersion, decisionId: decision?.id, why };
    void ctx.edits
      .preview(title, edit, options)
      .catch((error: unknown) => ctx.log.error(`@switchyard /${kind}: ${String(error)}`));
    const name = escapeMarkdown(nameOf(subject));
    const what = kind === 'fix' ? vscode.l10n.t('A fix for {0}', name) : vscode.l10n.t('Tests for {0}', name);
    // The last words and buttons: VS Code folds what comes before others.
    stream.markdown(`${what}: ${vscode.l10n.t('read the preview in the editor, then apply or discard it.')}\n\n`);
    stream.button({ command: 'switchyard.applyPreview', title: vscode.l10n.t('Apply') });
    stream.button({ command: 'switchyard.discardPreview', title: vscode.l10n.t('Discard') });
  }
  return { ...(decision?.id !== undefined && { decisionId: decision.id }) };
}
