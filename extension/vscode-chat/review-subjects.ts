// @switchyard /review: of the files that are named, of the changes that the words ask for, or of the active editor. What is found is
// in the editor and in the Review view too, as of any review.
import * as vscode from 'vscode';
import type { Result } from '../../shared/protocol/define.ts';
import { isOpenFinding, type ReviewRun } from '../../shared/protocol/review.ts';
import { furtherNotes } from '../../shared/review-words.ts';
import { runReview } from '../commands/review.ts';
import { runChangesReview } from '../commands/review-changes.ts';
import { DaemonError } from '../daemon-client.ts';
import { whyThisModel } from '../logic/decision-text.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import { toEditor, toWire } from '../places.ts';
import { changesName } from '../review/subject.ts';
import { changesAsked } from './changes-asked.ts';
import { findingWords } from './chat-words.ts';
import type { ParticipantCall, ResultNote } from './participant-call.ts';
import { nameOf, subjectsOf } from './subject.ts';

type ReviewResult = Result<typeof ReviewRun>;

const maxShown = 20; // of one review: all of them are in the Review view

export async function reviewSubjects(call: ParticipantCall): Promise<ResultNote> {
  const { ctx, request, stream, signal } = call;
  const report = (message: string): void => stream.progress(message);
  const diff = request.references.length === 0 ? changesAsked(request.prompt) : undefined;
  const results: ReviewResult[] = [];
  if (diff) {
    const root = rootFolder();
    const thing = { kind: 'changes', root: root.uri.toString(), changes: { diff } } as const;
    results.push(await runChangesReview(ctx, thing, { signal, report }));
    show(call, `${root.name}: ${changesName({ diff }, vscode.l10n.t)}`, results[0]);
  } else {
    for (const subject of await subjectsOf(request)) {
      const range = subject.range && toWire(subject.range);
      const result = await runReview(ctx, subject.document, { range, signal, report });
      results.push(result);
      show(call, nameOf(subject), result);
    }
  }
  const hasFindings = results.some(({ findings }) => findings.some(isOpenFinding));
  if (hasFindings) {
    stream.button({ command: 'switchyard.nextFinding', title: vscode.l10n.t('Go to First Finding') });
    stream.button({ command: 'switchyard.applyFixes', title: vscode.l10n.t('Apply Fixes…') });
  }
  const id = results.findLast(({ decision }) => decision?.id !== undefined)?.decision?.id;
  return { hasFindings, ...(id !== undefined && { decisionId: id }) };
}

function rootFolder(): vscode.WorkspaceFolder {
  const { document } = vscode.window.activeTextEditor ?? {};
  const folder = document && vscode.workspace.getWorkspaceFolder(document.uri);
  const first = folder ?? vscode.workspace.workspaceFolders?.[0];
  if (first) return first;
  throw new DaemonError('no-folder', vscode.l10n.t('Open the folder of a Git repository to review its changes.'));
}

function show({ stream }: ParticipantCall, name: string, result: ReviewResult | undefined): void {
  if (!result) return;
  const { summary, findings, decision, notes, coverage } = result;
  const open = findings.filter(isOpenFinding);
  stream.markdown(`#### ${escapeMarkdown(name)}\n\n${escapeMarkdown(summary)}\n\n`);
  for (const finding of open.slice(0, maxShown)) {
    const place = new vscode.Location(vscode.Uri.parse(finding.uri), toEditor(finding.range));
    stream.markdown(`${findingWords(finding, vscode.l10n.t)} `);
    stream.anchor(place, `${vscode.workspace.asRelativePath(place.uri)}:${finding.range.start.line + 1}`);
    stream.markdown('\n\n');
  }
  if (open.length > maxShown)
    stream.markdown(`${vscode.l10n.t('{0} more are in the Review view.', open.length - maxShown)}\n\n`);
  for (const sentence of [...whyThisModel(decision), ...furtherNotes(notes, coverage)])
    stream.markdown(`> ${escapeMarkdown(sentence)}\n\n`);
}
