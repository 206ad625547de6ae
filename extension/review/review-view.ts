// The Review view: a native tree of the findings that are open in this window, and of what the last review says beside them.
import * as vscode from 'vscode';
import type { Result } from '../../shared/protocol/define.ts';
import type { Finding, HeldFinding, ReviewRun } from '../../shared/protocol/review.ts';
import type { Findings } from '../findings.ts';
import { cleanTexts } from '../logic/clean-shown.ts';
import { type Grouping, groupings, type LastReview, type ReviewRow, reviewTree } from './review-tree.ts';
import { type ReviewedThing, thingName } from './subject.ts';

const groupingKey = 'switchyard.findingsGrouping';

/** Lives as long as the extension is active. */
export class ReviewView implements vscode.TreeDataProvider<ReviewRow>, vscode.Disposable {
  static readonly id = 'switchyard.findings';
  readonly #findings: Findings;
  readonly #state: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<ReviewRow>;
  readonly #subscriptions: vscode.Disposable;
  #grouping: Grouping;
  #last: LastReview | undefined;
  #running: ReviewedThing | undefined;

  constructor(findings: Findings, state: vscode.Memento) {
    this.#findings = findings;
    this.#state = state;
    this.#grouping = groupings.find((grouping) => grouping === state.get(groupingKey)) ?? 'file';
    this.#view = vscode.window.createTreeView(ReviewView.id, { treeDataProvider: this, showCollapseAll: true });
    this.#subscriptions = vscode.Disposable.from(
      this.#view,
      findings.onDidChange(() => this.#refresh()),
    );
    this.#refresh();
  }

  /** The last review of this window, or of before it was opened. */
  get last(): LastReview | undefined {
    return this.#last;
  }

  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${ReviewView.id}.focus`);
  }

  begin(thing: ReviewedThing): void {
    this.#running = thing;
    this.#refresh();
  }

  end(thing: ReviewedThing, { summary, findings, held, coverage, rules, notes }: Result<typeof ReviewRun>): void {
    this.#running = undefined;
    const solved = findings.filter(({ state }) => state === 'solved');
    this.show({ thing, summary, solved, held, coverage, rules, notes });
  }

  /** It failed or was canceled: the view stays with the review before. */
  abandon(): void {
    this.#running = undefined;
    this.#refresh();
  }

  show(last: LastReview): void {
    this.#last = last;
    void vscode.commands.executeCommand('setContext', 'switchyard.canRerunReview', last.thing !== undefined);
    this.#refresh();
  }

  /** A finding isn't shown any more, or is again. */
  hold(finding: Finding, reason: HeldFinding['reason']): void {
    if (this.#last) this.show({ ...this.#last, held: [{ finding, reason }, ...this.#heldBut(finding)] });
  }

  release(finding: Finding): void {
    if (this.#last) this.show({ ...this.#last, held: this.#heldBut(finding) });
  }

  /** What is new against earlier reviews of the same code, what is still there, and what is solved. */
  async compare(): Promise<void> {
    this.group('state');
    await this.focus();
  }

  group(by: Grouping): void {
    this.#grouping = by;
    void this.#state.update(groupingKey, by);
    this.#refresh();
  }

  getChildren(row?: ReviewRow): ReviewRow[] {
    if (row) return row.children;
    const [open, last, grouping] = [this.#findings.all(), this.#last, this.#grouping];
    return reviewTree({ open, last, grouping, nameOf: relativeName }, vscode.l10n.t);
  }

  getTreeItem({ id, label, context, children, isExpanded, ...row }: ReviewRow): vscode.TreeItem {
    const item = row.uri === undefined ? new vscode.TreeItem(cleanTexts(label)) : fileItem(row.uri);
    // Beside its grouping, since a row that moves to another group is another row for the editor.
    item.id = `${this.#grouping}:${id}`;
    item.contextValue = context;
    if (row.description) item.description = cleanTexts(row.description);
    if (row.tooltip !== undefined) item.tooltip = new vscode.MarkdownString(cleanTexts(row.tooltip));
    if (row.icon !== undefined)
      item.iconPath = new vscode.ThemeIcon(
        row.icon,
        row.color === undefined ? undefined : new vscode.ThemeColor(row.color),
      );
    if (row.finding)
      item.command = { command: 'switchyard.openFinding', title: 'Open', arguments: [{ finding: row.finding }] };
    if (children.length > 0) {
      const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
      item.collapsibleState = isExpanded ? Expanded : Collapsed;
    }
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(this.#subscriptions, this.#changed).dispose();
  }

  #heldBut({ id, previousId }: Finding): readonly HeldFinding[] {
    return this.#last?.held.filter(({ finding }) => finding.id !== id && finding.id !== previousId) ?? [];
  }

  #refresh(): void {
    const running = this.#running;
    const thing = running ?? this.#last?.thing;
    this.#view.description = cleanTexts(thing ? thingName(thing, relativeName, vscode.l10n.t) : '');
    this.#view.message = cleanTexts(running ? vscode.l10n.t('Reviewing…') : headline(this.#last?.summary ?? ''));
    void vscode.commands.executeCommand('setContext', 'switchyard.hasFindings', this.#findings.all().length > 0);
    void vscode.commands.executeCommand('setContext', 'switchyard.hasReview', this.#last !== undefined);
    this.#changed.fire();
  }
}

/** The summary's first sentence: its rows say the rest, and a view in the sidebar is small. */
function headline(summary: string): string {
  return summary.replace(/(?<=\.)\s[\s\S]*$/, '');
}

function fileItem(uri: string): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.Uri.parse(uri));
  item.iconPath = vscode.ThemeIcon.File;
  return item;
}

function relativeName(uri: string): string {
  return vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
}
