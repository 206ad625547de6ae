// The Models view: a native tree of what there is. It asks the daemon when it is shown and when something changed.
import * as vscode from 'vscode';
import type { DaemonClient } from '../daemon-client.ts';
import { cleanTexts } from '../logic/clean-shown.ts';
import type { Downloads } from './downloads.ts';
import { type ModelRow, type ModelTreeState, modelTree } from './model-tree.ts';

/** Lives as long as the extension is active. */
export class ModelsView implements vscode.TreeDataProvider<ModelRow>, vscode.Disposable {
  static readonly id = 'switchyard.models';
  readonly #daemon: DaemonClient;
  readonly #downloads: Downloads;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<ModelRow>;
  readonly #subscriptions: vscode.Disposable;
  /** As last asked for. */
  #state: ModelTreeState | undefined;
  #rows: ModelRow[] = [];
  /** What of the rows is seen. */
  #seen = '';
  #asking: Promise<void> | undefined;
  #shouldAskAgain = false;

  constructor(daemon: DaemonClient, downloads: Downloads) {
    this.#daemon = daemon;
    this.#downloads = downloads;
    this.#view = vscode.window.createTreeView(ModelsView.id, { treeDataProvider: this, showCollapseAll: true });
    this.#subscriptions = vscode.Disposable.from(
      this.#view,
      daemon.onDidChangeState(() => this.refresh()),
      daemon.onDidChangeModels(() => this.refresh()),
      daemon.onDidChangeWork(() => this.refresh()), // an answer loads a model
      downloads.onDidChange(() => this.refresh()),
      downloads.onDidMove(() => this.#show()),
      this.#view.onDidChangeVisibility(({ visible }) => void (visible && this.refresh())),
    );
  }

  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${ModelsView.id}.focus`);
  }

  /** Asks again, where the view is seen; it asks by itself when it is shown. */
  refresh(): void {
    if (this.#view.visible) void this.#look();
  }

  async getChildren(row?: ModelRow): Promise<ModelRow[]> {
    if (row) return row.children;
    if (!this.#state) await this.#look();
    return this.#rows;
  }

  getTreeItem({
    id,
    label,
    description,
    tooltip,
    icon,
    context,
    command,
    isExpanded,
    children,
  }: ModelRow): vscode.TreeItem {
    const item = new vscode.TreeItem(cleanTexts(label));
    item.id = id;
    item.contextValue = context;
    if (description) item.description = cleanTexts(description);
    if (tooltip !== undefined) item.tooltip = new vscode.MarkdownString(cleanTexts(tooltip));
    if (icon !== undefined) item.iconPath = new vscode.ThemeIcon(icon);
    if (command) item.command = command;
    if (children.length > 0)
      item.collapsibleState = isExpanded
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed;
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(this.#subscriptions, this.#changed).dispose();
  }

  /** Asks once at a time. Whatever happens meanwhile causes one more round. */
  #look(): Promise<void> {
    this.#shouldAskAgain = true;
    this.#asking ??= this.#askAll();
    return this.#asking;
  }

  async #askAll(): Promise<void> {
    while (this.#shouldAskAgain) {
      this.#shouldAskAgain = false;
      this.#state = await this.#ask();
      this.#show();
    }
    this.#asking = undefined;
  }

  /** Draws the tree anew only where it would look different: a click on a row that is just being drawn is lost. */
  #show(): void {
    this.#rows = this.#state ? modelTree(this.#state, this.#downloads.progress, vscode.l10n.t) : [];
    const seen = JSON.stringify(this.#rows, (name, value) => (name === 'model' ? undefined : value));
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#changed.fire();
  }

  /** Undefined where the daemon can't be asked; the view says why. */
  async #ask(): Promise<ModelTreeState | undefined> {
    const { state } = this.#daemon;
    if (state.kind !== 'connected') {
      this.#say(state.kind === 'lost' ? `The daemon isn't running. ${state.detail}` : 'Connecting to the daemon…');
      return undefined;
    }
    try {
      const [{ ModelsDownloads, ModelsList }, { GpuStatus }] = await Promise.all([
        import('../../shared/protocol/models.ts'),
        import('../../shared/protocol/gpu.ts'),
      ]);
      const [{ models, notes }, { downloads }, gpu] = await Promise.all([
        this.#daemon.call(ModelsList, {}),
        this.#daemon.call(ModelsDownloads, {}),
        this.#daemon.call(GpuStatus, {}).catch(() => undefined),
      ]);
      this.#say(undefined);
      return { models, notes, downloads, gpu };
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #say(message: string | undefined): void {
    this.#view.message = cleanTexts(message ?? ''); // an empty one takes no place
  }
}
