// The findings that are open in this window, as comment threads beside the code, and explanations of code in the same form. The
// diagnostics of the same findings come from the daemon through the language client; a thread is closed until it is asked for, so that
// nothing is read twice.
import * as vscode from 'vscode';
import type { Finding, Severity } from '../shared/protocol/review.ts';
import type { Range } from '../shared/protocol/text.ts';
import { cleanTexts } from './logic/clean-shown.ts';
import { findingsAfterReview } from './logic/findings-after-review.ts';
import { findingMarkdown, withoutImages } from './logic/markdown.ts';
import { toEditor } from './places.ts';
import { areCommentsShown } from './settings.ts';

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
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when a finding comes or goes. */
  readonly onDidChange = this.#changed.event;
  /** `thread` is absent where the user wants no comments. */
  readonly #shown = new Map<string, { finding: Finding; thread?: vscode.CommentThread }>();
  readonly #explanations = new Set<vscode.CommentThread>();
  /** The thread that was opened last by going to its finding. */
  #opened: vscode.CommentThread | undefined;

  all(): readonly Finding[] {
    return [...this.#shown.values()].map(({ finding }) => finding);
  }

  /** A review of a document begins, or of a range of it. What was shown stays until it has ended. */
  beginReview(uri: vscode.Uri, range?: Range): ThreadsOfReview {
    const ofDocument = (): Finding[] => this.all().filter((finding) => finding.uri === uri.toString());
    const before = ofDocument();
    return {
      end: (findings) => {
        const kept = findingsAfterReview(before, findings, range);
        for (const { id } of ofDocument()) if (!kept.has(id)) this.remove(id);
        for (const finding of kept.values()) if (!this.#shown.has(finding.id)) this.show(finding);
      },
      abandon: () => {
        for (const { id } of ofDocument()) this.remove(id);
        for (const finding of before) this.show(finding);
      },
    };
  }

  /** A finding that an earlier review made of the same code takes the place of that one. */
  show(finding: Finding): void {
    for (const [id, { finding: known }] of this.#shown) if (isSameFinding(known, finding)) this.#close(id);
    this.#shown.set(finding.id, { finding, ...(areCommentsShown() && { thread: this.#threadOf(finding) }) });
    this.#changed.fire();
  }

  remove(findingId: string): void {
    if (this.#close(findingId)) this.#changed.fire();
  }

  /** Whether comments are shown may have changed. */
  showComments(): void {
    for (const [id, { finding, thread }] of this.#shown) {
      thread?.dispose();
      this.#shown.set(id, { finding, ...(areCommentsShown() && { thread: this.#threadOf(finding) }) });
    }
  }

  /** Opens a finding's thread, and closes the one that was opened like this before. */
  openThread(findingId: string): void {
    if (this.#opened) this.#opened.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    this.#opened = this.#shown.get(findingId)?.thread;
    if (this.#opened) this.#opened.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
  }

  /** The finding that a command is about: named by its id, as a code action does, by a row of the Review view, or by a thread. */
  idOf(argument: unknown): string | undefined {
    const { findingId, finding } = (argument ?? {}) as { findingId?: unknown; finding?: Finding };
    if (typeof findingId === 'string') return findingId;
    return finding?.id ?? [...this.#shown].find(([, { thread }]) => thread && thread === argument)?.[0];
  }

  /** The same with all that is known of it; a row may be about one that isn't shown. */
  of(argument: unknown): Finding | undefined {
    const id = this.idOf(argument);
    return (id === undefined ? undefined : this.get(id)) ?? (argument as { finding?: Finding } | undefined)?.finding;
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
    vscode.Disposable.from(this.#controller, this.#changed).dispose();
  }

  #close(findingId: string): boolean {
    this.#shown.get(findingId)?.thread?.dispose();
    return this.#shown.delete(findingId);
  }

  #threadOf(finding: Finding): vscode.CommentThread {
    const thread = this.#createThread(vscode.Uri.parse(finding.uri), finding.range, findingMarkdown(finding));
    thread.contextValue = findingContext;
    thread.label = threadTitle(finding);
    return thread;
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

/** `Error: correctness · tsc TS2322 · still there`. */
function threadTitle({ severity, category, source, rule, state }: Finding): string {
  const who = rule === undefined ? source : `${source} ${rule}`;
  const isStill = state === 'still';
  return cleanTexts(
    [`${severityLabel[severity]}: ${category}`, who, isStill ? 'still there' : ''].filter(Boolean).join(' · '),
  );
}

function isSameFinding(one: Finding, other: Finding): boolean {
  return (
    one.id === other.id ||
    one.id === other.previousId ||
    (one.uri === other.uri && one.message === other.message && one.evidence === other.evidence)
  );
}
