// Findings of reviews as comment threads beside the code, and explanations of code in the same form. The diagnostics of the
// same findings come from the daemon through the language client.
import * as vscode from 'vscode';
import type { Finding, Severity } from '../shared/protocol/review.ts';
import type { Range } from '../shared/protocol/text.ts';
import { findingsAfterReview } from './logic/findings-after-review.ts';
import { findingMarkdown, withoutImages } from './logic/markdown.ts';
import { toEditor } from './places.ts';

const severityLabel: Record<Severity, string> = { error: 'Error', warning: 'Warning', info: 'Note', hint: 'Hint' };
const findingContext = 'finding'; // package.json offers Apply, Dismiss and Explain on threads of this kind
const explanationContext = 'explanation';

/** Lives as long as a review of one document. */
interface ThreadsOfReview {
  /** Its findings take the place of what was shown about the lines that it read. */
  end(findings: readonly Finding[]): void;
  /** It failed or was canceled: what was shown before is shown again. */
  abandon(): void;
}

/** Lives as long as the extension is active. */
export class Findings implements vscode.Disposable {
  readonly #controller = vscode.comments.createCommentController('switchyard', 'Switchyard');
  readonly #shown = new Map<string, { finding: Finding; thread: vscode.CommentThread }>();
  readonly #explanations = new Set<vscode.CommentThread>();

  /** A review of a document begins, or of a range of it. What was shown stays until it has ended. */
  beginReview(uri: vscode.Uri, range?: Range): ThreadsOfReview {
    const before = [...this.#shown.values()]
      .map(({ finding }) => finding)
      .filter((finding) => finding.uri === uri.toString());
    return {
      end: (findings) => {
        const kept = findingsAfterReview(before, findings, range);
        for (const [id, { thread }] of this.#shown) if (isSame(thread.uri, uri) && !kept.has(id)) this.remove(id);
        for (const finding of kept.values()) if (!this.#shown.has(finding.id)) this.show(finding);
      },
      abandon: () => {
        for (const [id, { thread }] of this.#shown) if (isSame(thread.uri, uri)) this.remove(id);
        for (const finding of before) this.show(finding);
      },
    };
  }

  /** A finding that an earlier review made of the same code takes the place of that one. */
  show(finding: Finding): void {
    for (const [id, { finding: known }] of this.#shown) if (isSameFinding(known, finding)) this.remove(id);
    const thread = this.#createThread(vscode.Uri.parse(finding.uri), finding.range, findingMarkdown(finding));
    thread.contextValue = findingContext;
    thread.label = `${severityLabel[finding.severity]}: ${finding.category}`;
    this.#shown.set(finding.id, { finding, thread });
  }

  remove(findingId: string): void {
    this.#shown.get(findingId)?.thread.dispose();
    this.#shown.delete(findingId);
  }

  /** The finding that a command is about: named by its id, as a code action does, or by the thread whose button was pressed. */
  idOf(argument: unknown): string | undefined {
    const named = (argument as { findingId?: unknown } | undefined)?.findingId;
    if (typeof named === 'string') return named;
    return [...this.#shown].find(([, { thread }]) => thread === argument)?.[0];
  }

  get(findingId: string): Finding | undefined {
    return this.#shown.get(findingId)?.finding;
  }

  /** Shows a model's text about a piece of code, as Markdown that fetches nothing. */
  explain(place: { uri: vscode.Uri; range: Range }, title: string, text: string): void {
    const thread = this.#createThread(place.uri, place.range, withoutImages(text));
    thread.contextValue = explanationContext;
    thread.label = title;
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    this.#explanations.add(thread);
  }

  /** Closes an explanation. */
  close(argument: unknown): void {
    const thread = [...this.#explanations].find((candidate) => candidate === argument);
    thread?.dispose();
    if (thread) this.#explanations.delete(thread);
  }

  dispose(): void {
    this.#controller.dispose();
  }

  #createThread(uri: vscode.Uri, range: Range, markdown: string): vscode.CommentThread {
    const body = new vscode.MarkdownString(markdown);
    body.isTrusted = false;
    body.supportHtml = false;
    const comment = { body, mode: vscode.CommentMode.Preview, author: { name: 'Switchyard' } };
    const thread = this.#controller.createCommentThread(uri, toEditor(range), [comment]);
    thread.canReply = false;
    return thread;
  }
}

function isSameFinding(one: Finding, other: Finding): boolean {
  return (
    one.id === other.id || (one.uri === other.uri && one.message === other.message && one.evidence === other.evidence)
  );
}

function isSame(one: vscode.Uri, other: vscode.Uri): boolean {
  return one.toString() === other.toString();
}
