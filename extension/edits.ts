// The only place that changes documents. A change is shown as a diff first and applied when the user accepts. It moves with what is typed
// elsewhere in the document, and is refused when what it replaces has changed.
import * as vscode from 'vscode';
import { moveEdits } from '../shared/edits/move-edits.ts';
import { applyDiff, isDiff } from '../shared/edits/unified-diff.ts';
import type { TextEdit, WorkspaceEdit } from '../shared/protocol/text.ts';
import type { KeptEdits } from './kept-edits.ts';
import { chooseApplyTarget, indentedAs } from './logic/apply-target.ts';
import { applyTextEdits, propose, staleSentence } from './logic/text-edits.ts';
import { toEditor, toWire } from './places.ts';
import { DraftPreview, openOrNew } from './previews/draft-preview.ts';
import { proposalScheme, type VirtualDocuments } from './previews/virtual-documents.ts';
import { window } from './window.ts';

/** While changes of several files are shown; also in package.json. */
const reviewingContext = 'switchyard.reviewingChanges';
/** While a preview can't be applied, since the model still writes it; also in package.json. */
const draftingContext = 'switchyard.drafting';

export type EditOutcome = 'applied' | 'discarded' | 'refused';
type PreviewChoice = 'apply' | 'discard';

/** What is shown now: a preview, or one that is still being written. */
interface ShownProposal {
  uri: vscode.Uri | undefined;
  choose(choice: PreviewChoice): void;
}

interface Preview extends ShownProposal {
  uri: vscode.Uri;
  /** What the user presses first, in the notification or in the editor's title; `discard` for a tab that was closed. */
  choice: Promise<PreviewChoice>;
}

export interface PreviewOptions {
  /** The document's version when the edit was asked for. */
  requestedVersion?: number | undefined;
  /** The decision that chose the edit's model: the router learns what became of the edit. */
  decisionId?: string | undefined;
  /** Sentences about who wrote it, shown with the question whether to apply it. */
  why?: readonly string[];
  /** Commands by their button, beside Apply and Discard. */
  more?: Readonly<Record<string, string>> | undefined;
  /** Where it was shown while it was written. */
  draft?: DraftPreview | undefined;
}

/** What stands beside a diff. */
interface ShownTexts {
  title: string;
  why: readonly string[];
  more: Readonly<Record<string, string>>;
}

interface CodeFromChat {
  /** The decision that led to the answer. */
  decisionId?: string | undefined;
  /** As the answer names it. */
  language?: string | undefined;
}

/** Lives as long as the extension is active. Shows one preview at a time: a newer one discards the one before. */
export class Edits implements vscode.Disposable {
  readonly #documents: VirtualDocuments;
  readonly #kept: KeptEdits;
  readonly #tabsChanged: vscode.Disposable;
  #preview: ShownProposal | undefined;

  constructor(documents: VirtualDocuments, kept: KeptEdits) {
    this.#documents = documents;
    this.#kept = kept;
    this.#tabsChanged = vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      if (closed.some((tab) => isPreviewOf(tab, this.#preview?.uri))) this.choose('discard');
    });
  }

  /** Shows what an edit would change and applies it if the user accepts. Tells the user why when the edit is refused. */
  async preview(title: string, edit: WorkspaceEdit, options: PreviewOptions = {}): Promise<EditOutcome> {
    try {
      return await this.#offer(title, edit, options);
    } finally {
      if (options.draft) await this.#endDraft(options.draft);
    }
  }

  /** Shows what `write` hears of a model while it is written, where the daemon says it goes. The user stops it there, or by the signal. */
  async drafted<T extends { edit?: unknown }>(
    title: string,
    write: (draft: DraftPreview) => Thenable<T>,
  ): Promise<{ result: T; draft: DraftPreview }> {
    const draft = new DraftPreview(this.#documents, title);
    this.choose('discard');
    this.#preview = draft;
    let isKept = false;
    await this.#showDrafting();
    try {
      const result = await write(draft);
      isKept = result.edit !== undefined;
      return { result, draft };
    } finally {
      await draft.end();
      if (!isKept) await this.#endDraft(draft);
    }
  }

  /** Applies edits that the user has chosen one by one, in one step that can be undone. Answers with which of them were applied. */
  async applyTogether(edits: readonly WorkspaceEdit[]): Promise<ReadonlySet<number>> {
    const together = new vscode.WorkspaceEdit();
    const applied = new Set<number>();
    const taken: { uri: string; range: vscode.Range }[] = [];
    for (const [index, edit] of edits.entries()) {
      const changes = await currentChanges(edit);
      const isFree = changes.every(
        ({ uri, range }) => !taken.some((one) => one.uri === uri && one.range.intersection(range)),
      );
      if (changes.length === 0 || !isFree) continue;
      for (const { uri, range, newText } of changes) together.replace(vscode.Uri.parse(uri), range, newText);
      taken.push(...changes);
      applied.add(index);
    }
    return applied.size > 0 && (await vscode.workspace.applyEdit(together)) ? applied : new Set();
  }

  /** What the user chooses for what `show` shows: there, or by the buttons and keys that all previews have. */
  async choice(show: (choose: (choice: PreviewChoice) => void) => Promise<void>): Promise<PreviewChoice> {
    const { promise, resolve } = Promise.withResolvers<PreviewChoice>();
    this.choose('discard');
    const shown = { uri: undefined, choose: resolve };
    this.#preview = shown;
    await vscode.commands.executeCommand('setContext', reviewingContext, true);
    try {
      await show(resolve);
      return await promise;
    } finally {
      if (this.#preview === shown) this.#preview = undefined;
      await vscode.commands.executeCommand('setContext', reviewingContext, false);
    }
  }

  /** Moves a file to the trash that an applied change has made. */
  async trash(uri: vscode.Uri): Promise<void> {
    const removal = new vscode.WorkspaceEdit();
    removal.deleteFile(uri, { ignoreIfNotExists: true });
    await vscode.workspace.applyEdit(removal);
  }

  /** Answers the open preview, if there is one. */
  choose(choice: PreviewChoice): void {
    this.#preview?.choose(choice);
  }

  /** Previews code from a chat in the active editor: a diff as what it changes, other code where `chooseApplyTarget` says. */
  async previewCode(code: string, { decisionId, language }: CodeFromChat = {}): Promise<EditOutcome> {
    const editor = activeEditor();
    if (!editor) return refuse('Open the file that the code is for, then apply it again.');
    const { document } = editor;
    const placed = isDiff(code, language) ? patched(code, document) : placedCode(code, editor);
    if ('sentence' in placed) return refuse(placed.sentence);
    const { range, newText } = placed;
    const textDocument = { uri: document.uri.toString(), version: document.version };
    return this.preview(
      'Code from the chat',
      { documentChanges: [{ textDocument, edits: [{ range: toWire(range), newText }] }] },
      { decisionId },
    );
  }

  /** Puts code at the cursor, in place of what is selected. The user asked for just this, and can undo it. */
  async insert(code: string): Promise<EditOutcome> {
    const editor = activeEditor();
    if (!editor) return refuse('Open the file that the code is for, then insert it again.');
    const inserted = await editor.edit((builder) => builder.replace(editor.selection, code));
    return inserted ? 'applied' : refuse("The editor didn't accept the code. Check whether the file is read-only.");
  }

  dispose(): void {
    this.#preview?.choose('discard');
    this.#tabsChanged.dispose();
  }

  async #offer(
    title: string,
    edit: WorkspaceEdit,
    { requestedVersion, decisionId, why = [], more = {}, draft }: PreviewOptions,
  ): Promise<EditOutcome> {
    const uri = edit.documentChanges[0]?.textDocument.uri;
    if (!uri) return refuse("There's nothing to change.");
    const document = await openOrNew(vscode.Uri.parse(uri));
    if (draft?.signal.aborted) {
      if (decisionId) this.#kept.discarded(decisionId);
      return 'discarded';
    }
    const madeFor = requestedVersion ?? edit.documentChanges[0]?.textDocument.version ?? document.version;
    const proposal = propose(edit, { version: document.version, text: document.getText() }, madeFor);
    if (proposal.kind === 'refused') return refuse(proposal.sentence);

    // Follows the document from here on: while the diff is opening, the user may type already.
    const change = new MovingChange(document, proposal.edits);
    const preview = await this.#open({ title, why, more, draft }, document, proposal.text).catch((error: unknown) => {
      change.dispose();
      throw error;
    });
    try {
      change.follow((text) => this.#documents.update(preview.uri, text));
      if ((await preview.choice) === 'discard') {
        if (decisionId) this.#kept.discarded(decisionId);
        return 'discarded';
      }
      const { edits } = change;
      if (!edits) return refuse(staleSentence);
      if (!(await apply(document.uri, edits)))
        return refuse("The editor didn't accept the change. Check whether the file is read-only.");
      if (decisionId)
        this.#kept.applied(
          decisionId,
          document,
          edits.map(({ newText }) => newText),
        );
      await vscode.window.showTextDocument(document);
      return 'applied';
    } finally {
      change.dispose();
      if (this.#preview === preview) this.#preview = undefined;
      await closeTabOf(preview.uri);
    }
  }

  /** Nothing of a draft stays but what has become a preview. */
  async #endDraft(draft: DraftPreview): Promise<void> {
    if (draft.isTaken) return;
    if (this.#preview === draft) this.#preview = undefined;
    await this.#showDrafting();
    if (draft.uri) await closeTabOf(draft.uri);
  }

  /** A draft can't be applied, also for the moment between its last word and its preview. */
  async #showDrafting(): Promise<void> {
    await vscode.commands.executeCommand('setContext', draftingContext, this.#preview instanceof DraftPreview);
  }

  /** Shows the diff and asks; a notification that is only closed decides nothing, since the editor's title has the same buttons. */
  async #open(
    { title, why, more, draft }: ShownTexts & Pick<PreviewOptions, 'draft'>,
    document: vscode.TextDocument,
    proposedText: string,
  ): Promise<Preview> {
    if (this.#preview !== draft) this.choose('discard');
    const { promise, resolve } = Promise.withResolvers<PreviewChoice>();
    const uri = draft?.uri ?? this.#documents.addProposal(document.uri, proposedText);
    const preview = { uri, choice: promise, choose: resolve };
    this.#preview = preview;
    if (draft) draft.isTaken = true;
    await this.#showDrafting();
    const name = vscode.workspace.asRelativePath(document.uri);
    await vscode.commands.executeCommand('vscode.diff', document.uri, preview.uri, `${title}: ${name}`, {
      preview: false,
    });
    void window
      .showInformationMessage(
        [vscode.l10n.t('Apply this change to {0}?', name), ...why].join(' '),
        'Apply',
        'Discard',
        ...Object.keys(more),
      )
      .then((button) => {
        if (button === 'Apply') resolve('apply');
        else if (button === 'Discard') resolve('discard');
        else if (button && this.#preview === preview) void vscode.commands.executeCommand(more[button] ?? '');
      });
    return preview;
  }
}

/** Lives as long as a preview. Keeps its edits where they belong while the document is typed in. */
class MovingChange implements vscode.Disposable {
  /** Undefined once what they replace has changed. */
  edits: readonly TextEdit[] | undefined;
  #text: string;
  #onMove: ((proposed: string) => void) | undefined;
  readonly #subscription: vscode.Disposable;

  constructor(document: vscode.TextDocument, edits: readonly TextEdit[]) {
    this.edits = edits;
    this.#text = document.getText();
    this.#subscription = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document !== document || event.contentChanges.length === 0) return;
      const text = document.getText();
      this.edits = this.edits && moveEdits(this.edits, this.#text, text);
      this.#text = text;
      this.#tell();
    });
  }

  /** Tells what the document would read with the change, now and whenever it moves. */
  follow(onMove: (proposed: string) => void): void {
    this.#onMove = onMove;
    this.#tell();
  }

  #tell(): void {
    const proposed = this.edits && applyTextEdits(this.#text, this.edits);
    if (proposed !== undefined) this.#onMove?.(proposed);
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}

type PlacedCode = { range: vscode.Range; newText: string } | { sentence: string };

function patched(diff: string, document: vscode.TextDocument): PlacedCode {
  const fileName = document.uri.path.split('/').at(-1) ?? '';
  const outcome = applyDiff(document.getText(), diff, fileName);
  return outcome.kind === 'refused' ? outcome : { range: wholeOf(document), newText: outcome.text };
}

function placedCode(code: string, { document, selection }: vscode.TextEditor): PlacedCode {
  const target = chooseApplyTarget({ hasSelection: !selection.isEmpty, fileText: document.getText(), code });
  if (target === 'file') return { range: wholeOf(document), newText: withLastLineEnd(code, document) };
  if (typeof target === 'string') return { range: selection, newText: code };
  const { startLine, endLine } = target;
  const range = new vscode.Range(startLine, 0, endLine - 1, document.lineAt(endLine - 1).text.length);
  return { range, newText: indentedAs(document.lineAt(startLine).text, code) };
}

/** The editor that code goes into: a preview is not one. */
function activeEditor(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor?.document.uri.scheme === proposalScheme ? undefined : editor;
}

function refuse(sentence: string): EditOutcome {
  void window.showWarningMessage(`Switchyard: ${vscode.l10n.t(sentence)}`);
  return 'refused';
}

function apply(uri: vscode.Uri, edits: readonly TextEdit[]): Thenable<boolean> {
  const edit = new vscode.WorkspaceEdit();
  edit.set(
    uri,
    edits.map(({ range, newText }) => new vscode.TextEdit(toEditor(range), newText)),
  );
  return vscode.workspace.applyEdit(edit);
}

/** None where a document has changed since the edit was made. */
async function currentChanges({
  documentChanges,
}: WorkspaceEdit): Promise<{ uri: string; range: vscode.Range; newText: string }[]> {
  const changes: { uri: string; range: vscode.Range; newText: string }[] = [];
  for (const { textDocument, edits } of documentChanges) {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(textDocument.uri));
    if (textDocument.version !== null && textDocument.version !== document.version) return [];
    for (const { range, newText } of edits)
      changes.push({ uri: document.uri.toString(), range: toEditor(range), newText });
  }
  return changes;
}

function wholeOf(document: vscode.TextDocument): vscode.Range {
  return new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end);
}

/** Answers leave out the last line end, which the file may have. */
function withLastLineEnd(code: string, document: vscode.TextDocument): string {
  return document.getText().endsWith('\n') && !code.endsWith('\n') ? `${code}\n` : code;
}

function isPreviewOf(tab: vscode.Tab, uri: vscode.Uri | undefined): boolean {
  return (
    tab.input instanceof vscode.TabInputTextDiff &&
    tab.input.modified.scheme === proposalScheme &&
    tab.input.modified.toString() === uri?.toString()
  );
}

async function closeTabOf(uri: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => isPreviewOf(tab, uri));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs);
}
