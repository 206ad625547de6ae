// Changes from chat answers and runs of the agent that are in files: each is marked where it stands, with Keep and Undo above it, until the
// user has decided. Saving decides nothing. What is kept of a run is kept in the daemon, for every client.
import * as vscode from 'vscode';
import type { DecidedChanges } from '../../shared/notifications.ts';
import type { DaemonClient } from '../daemon-client.ts';
import type { Edits } from '../edits.ts';
import { isSynced, toWire } from '../places.ts';
import { window } from '../window.ts';
import { type AppliedHunk, follow, isIn, type PendingHunk, pendingIn } from './pending-hunks.ts';

/** Also in package.json, where it decides which commands and buttons there are. */
const pendingContext = 'switchyard.pendingChanges';

interface AppliedHunks {
  /** Of the file, also before it is there. */
  uri: vscode.Uri;
  before: string;
  hunks: readonly AppliedHunk[];
  isNew: boolean;
  /** The run that they are of. */
  jobId?: string;
}

interface PendingFile {
  uri: vscode.Uri;
  isNew: boolean;
  hunks: PendingHunk[];
}

/** Lives as long as the extension is active. */
export class ChangeSets implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #edits: Edits;
  readonly #daemon: Pick<DaemonClient, 'call'>;
  readonly #files = new Map<string, PendingFile>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #mark = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('diffEditor.insertedLineBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.addedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
  readonly #registrations: vscode.Disposable;
  #lastId = 0;

  constructor(edits: Edits, daemon: Pick<DaemonClient, 'call'>) {
    this.#edits = edits;
    this.#daemon = daemon;
    this.#registrations = vscode.Disposable.from(
      vscode.languages.registerCodeLensProvider([{ scheme: 'file' }, { scheme: 'untitled' }], this),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const file = this.#files.get(keyOf(document.uri));
        if (!file || !isSynced(document) || contentChanges.length === 0) return;
        file.hunks = follow(file.hunks, contentChanges);
        this.#show();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#paint()),
    );
  }

  /** These hunks are in the document now, whose text was `before`. */
  add(document: vscode.TextDocument, { uri, before, hunks, isNew, jobId }: AppliedHunks): void {
    const text = document.getText();
    const added = pendingIn(hunks, before, () => ++this.#lastId, jobId).filter((hunk) => isIn(hunk, text));
    const known = this.#files.get(keyOf(document.uri))?.hunks ?? [];
    const others = known.filter((hunk) => !added.some((each) => isSamePlace(each, hunk))); // of an earlier review
    const sorted = [...others, ...added].sort((a, b) => a.start - b.start);
    this.#files.set(keyOf(document.uri), { uri, isNew, hunks: sorted });
    this.#show();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const hunks = this.#hunksIn(document);
    const all = this.#count();
    return hunks.flatMap(({ id, start, newText }, index) => {
      const { line } = document.positionAt(start);
      const place = new vscode.Range(line, 0, line, 0);
      const lens = (title: string, command: string, ...args: unknown[]): vscode.CodeLens =>
        new vscode.CodeLens(place, { title, command, arguments: args });
      const undo = newText === '' ? '$(discard) Undo (lines were removed here)' : '$(discard) Undo';
      return [
        lens('$(check) Keep', 'switchyard.keepChange', id),
        lens(undo, 'switchyard.undoChange', id),
        ...(index === 0 && all > 1
          ? [lens(`Keep All ${all}`, 'switchyard.keepAllChanges'), lens(`Undo All ${all}`, 'switchyard.undoAllChanges')]
          : []),
      ];
    });
  }

  /** The one with this id; else the one at the cursor, or the nearest above it. */
  async keep(id: unknown): Promise<void> {
    const hunk = this.#find(id);
    if (!hunk) return tellNone();
    await this.#keep((each) => each.id === hunk.id);
  }

  async undo(id: unknown): Promise<void> {
    const hunk = this.#find(id);
    if (!hunk) return tellNone();
    await this.#undo((each) => each.id === hunk.id);
  }

  async keepAll(): Promise<void> {
    await this.#keep(() => true);
  }

  /** In another window or editor. What was undone there is no longer in the document. */
  keptElsewhere({ jobId, kept }: DecidedChanges): void {
    if (!kept) return;
    const { uri, hunks } = kept;
    const key = uri === undefined ? undefined : keyOf(vscode.Uri.parse(uri));
    const isKept = ({ ofRun }: PendingHunk): boolean =>
      ofRun?.jobId === jobId && (hunks === undefined || hunks.includes(ofRun.hunk));
    for (const file of this.#files.values())
      if (key === undefined || keyOf(file.uri) === key) file.hunks = file.hunks.filter((hunk) => !isKept(hunk));
    this.#show();
  }

  /** What becomes of them is decided for all of the run. */
  forgetIn(uris: readonly vscode.Uri[]): void {
    for (const uri of uris) this.#files.delete(keyOf(uri));
    this.#show();
  }

  /** In one step for each file, which can be undone. Files that the changes have made go to the trash. */
  async undoAll(): Promise<void> {
    await this.#undo(() => true);
  }

  dispose(): void {
    vscode.Disposable.from(this.#registrations, this.#changed, this.#mark).dispose();
  }

  async #keep(isMeant: (hunk: PendingHunk) => boolean): Promise<void> {
    const kept = [...this.#files.values()].flatMap(({ uri, hunks }) =>
      hunks.flatMap((hunk) => (isMeant(hunk) && hunk.ofRun ? [{ uri: uri.toString(), ...hunk.ofRun }] : [])),
    );
    for (const file of this.#files.values()) file.hunks = file.hunks.filter((hunk) => !isMeant(hunk));
    this.#show();
    if (kept.length === 0) return;
    const { AgentKeep } = await import('../../shared/protocol/agent.ts'); // with the schemas, which activation does without
    for (const of of Map.groupBy(kept, ({ uri, jobId }) => JSON.stringify([uri, jobId])).values()) {
      const [{ uri, jobId } = { uri: '', jobId: '' }] = of;
      await this.#daemon.call(AgentKeep, { jobId, uri, hunks: of.map(({ hunk }) => hunk) });
    }
  }

  async #undo(isMeant: (hunk: PendingHunk) => boolean): Promise<void> {
    const together = [];
    for (const file of [...this.#files.values()]) {
      const document = await openAgain(file.uri);
      const meant = document ? file.hunks.filter((hunk) => isMeant(hunk) && isIn(hunk, document.getText())) : [];
      const [first] = meant;
      if (!document || !first) continue;
      if (file.isNew && first.newText === document.getText() && !document.isDirty && !document.isUntitled) {
        await this.#edits.trash(document.uri);
        file.hunks = [];
        continue;
      }
      const edits = meant.map(({ start, end, oldText }) => ({
        range: toWire(new vscode.Range(document.positionAt(start), document.positionAt(end))),
        newText: oldText,
      }));
      together.push({
        documentChanges: [{ textDocument: { uri: document.uri.toString(), version: document.version }, edits }],
      });
    }
    const undone = await this.#edits.applyTogether(together);
    if (undone.size < together.length)
      void window.showWarningMessage("The editor didn't accept the change. Check whether the file is read-only.");
    this.#show();
  }

  #find(id: unknown): PendingHunk | undefined {
    if (typeof id === 'number')
      return [...this.#files.values()].flatMap(({ hunks }) => hunks).find((hunk) => hunk.id === id);
    const editor = vscode.window.activeTextEditor;
    if (!editor) return undefined;
    const hunks = this.#hunksIn(editor.document);
    const cursor = editor.document.offsetAt(editor.selection.active);
    return hunks.findLast(({ start }) => start <= cursor) ?? hunks[0];
  }

  /** Those that are there: another program may have changed the file while no editor had it. */
  #hunksIn(document: vscode.TextDocument): PendingHunk[] {
    const hunks = (isSynced(document) && this.#files.get(keyOf(document.uri))?.hunks) || [];
    const text = hunks.length > 0 ? document.getText() : '';
    return hunks.filter((hunk) => isIn(hunk, text));
  }

  #count(): number {
    return [...this.#files.values()].reduce((sum, { hunks }) => sum + hunks.length, 0);
  }

  #show(): void {
    for (const [key, { hunks }] of this.#files) if (hunks.length === 0) this.#files.delete(key);
    this.#changed.fire();
    this.#paint();
    void vscode.commands.executeCommand('setContext', pendingContext, this.#files.size > 0);
  }

  #paint(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const ranges = this.#hunksIn(document)
        .filter(({ newText }) => newText !== '')
        .map(({ start, end, newText }) => {
          const last = newText.endsWith('\n') ? end - 1 : end;
          return new vscode.Range(document.positionAt(start), document.positionAt(last));
        });
      editor.setDecorations(this.#mark, ranges);
    }
  }
}

function isSamePlace(one: PendingHunk, other: PendingHunk): boolean {
  return one.start === other.start && one.end === other.end;
}

/** A new file is an untitled document until it is saved, in a remote window under another authority. */
function keyOf({ path }: vscode.Uri): string {
  return path;
}

/** Undefined where the file has gone. For a moment after a new file was saved, its untitled document is there too. */
async function openAgain(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  const isThere = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (isThere) return vscode.workspace.openTextDocument(uri);
  return vscode.workspace.textDocuments.find((document) => document.isUntitled && keyOf(document.uri) === keyOf(uri));
}

function tellNone(): void {
  void window.showInformationMessage('No changes from the chat here. You may have kept or undone them already.');
}
