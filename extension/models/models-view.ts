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
  /** As last asked for; undefined where it must be asked again. */
  #state: Promise<ModelTreeState | undefined> | undefined;

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
      downloads.onDidMove(() => this.#changed.fire()),
      this.#view.onDidChangeVisibility(({ visible }) => void (visible && this.refresh())),
    );
  }

  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${ModelsView.id}.focus`);
  }

  /** Asks again, as soon as the view is seen. */
  refresh(): void {
    this.#state = undefined;
    if (this.#view.visible) this.#changed.fire();
  }

  async getChildren(row?: ModelRow): Promise<ModelRow[]> {
    if (row) return row.children;
    this.#state ??= this.#ask();
    const state = await this.#state;
    return state ? modelTree(state, this.#downloads.progress) : [];
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
