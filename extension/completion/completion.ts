// Ghost text: asks the daemon for it as one types, and tells it what became of it. What is suggested, and where nothing is, the daemon
// decides for every editor alike.
import * as vscode from 'vscode';
import type { InlineCompletion, InlineCompletionItem } from '../../shared/protocol/completion.ts';
import type { Result } from '../../shared/protocol/define.ts';
import { type DaemonClient, DaemonError } from '../daemon-client.ts';
import { cellScheme, isSynced, wholeUri } from '../places.ts';
import { signalOf } from '../vscode-chat/cancellation.ts';
import { tellSentence } from '../window.ts';
import { AcceptedSuggestions } from './accepted-suggestions.ts';
import type { CompletionView, LastSuggestion } from './completion-words.ts';
import { isPartTaken, type OfferedSuggestion, pauseMs } from './typing.ts';

export interface CompletionDeps {
  daemon: DaemonClient;
  log: vscode.LogOutputChannel;
  /** By the URI of a file, or of a notebook, whether it is on there in this window, whatever the settings say. The daemon is told of them. */
  fileSwitches: Map<string, boolean>;
}

/** Lives as long as the extension is active. */
export class Completion implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  readonly #deps: CompletionDeps;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when there is something new to say of it. */
  readonly onDidChange = this.#changed.event;
  readonly #accepted: AcceptedSuggestions;
  readonly #subscriptions: vscode.Disposable;
  /** The last ones that VS Code was given; several where the user asked for the next one. */
  #offered: readonly OfferedSuggestion[] = [];
  #last: LastSuggestion | undefined;
  #snooze: { until: number; timer: NodeJS.Timeout } | undefined;
  /** Of which a part was accepted. */
  #partAccepted: string | undefined;

  constructor(deps: CompletionDeps) {
    this.#deps = deps;
    this.#accepted = new AcceptedSuggestions((id, keptAfterMs) => void this.#tell({ id, keptAfterMs }));
    this.#subscriptions = vscode.Disposable.from(
      vscode.languages.registerInlineCompletionItemProvider({ pattern: '**' }, this),
      vscode.workspace.onDidChangeTextDocument((change) => this.#lookForPart(change)),
      this.#accepted,
      this.#changed,
    );
  }

  get view(): CompletionView {
    return { snoozedUntil: this.#snooze?.until, last: this.#last };
  }

  dispose(): void {
    clearTimeout(this.#snooze?.timer);
    this.#subscriptions.dispose();
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[] | undefined> {
    const isInvoked = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    if (this.#snooze && this.#snooze.until <= Date.now()) this.resume(); // its timer stands still while the machine sleeps
    if (this.#deps.daemon.state.kind !== 'connected' || (this.#snooze && !isInvoked)) return undefined;
    if (!isSynced(document) && document.uri.scheme !== cellScheme) return undefined;
    if (!isInvoked && !this.#isContinued(document, position)) await pause(pauseMs(this.#last?.latencyMs), token);
    if (token.isCancellationRequested) return undefined;
    const result = await this.#ask(document, position, context, token);
    if (!result || token.isCancellationRequested) return undefined;
    if (isInvoked && result.note !== undefined) void tellSentence('showInformationMessage', { message: result.note });
    if (result.items.length > 0) this.#offered = result.items.flatMap((item) => offeredAs(item, document) ?? []);
    return result.items.map((item) => this.#toEditor(item));
  }

  /** What VS Code runs after it has put a suggestion into the document. */
  async accepted(id: string): Promise<void> {
    this.#follow(id); // before the next suggestion is offered
    await this.#tell({ id, accepted: true });
  }

  snooze(minutes: number): void {
    this.resume();
    const ms = minutes * 60_000;
    this.#snooze = { until: Date.now() + ms, timer: setTimeout(() => this.resume(), ms) };
    this.#snoozeChanged();
    void vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
  }

  resume(): void {
    if (!this.#snooze) return;
    clearTimeout(this.#snooze.timer);
    this.#snooze = undefined;
    this.#snoozeChanged();
  }

  isFileOff(uri: vscode.Uri): boolean {
    return this.#deps.fileSwitches.get(wholeUri(uri).toString()) === false;
  }

  /** In this window alone, until it is closed. */
  switchFile(uri: vscode.Uri, isOn: boolean): void {
    this.#deps.fileSwitches.set(wholeUri(uri).toString(), isOn);
    this.#deps.daemon.tellSettings();
  }

  /** Nothing where it fails: nobody waits for it, and the status bar says what is wrong. */
  async #ask(
    document: vscode.TextDocument,
    position: vscode.Position,
    { triggerKind, selectedCompletionInfo: selected }: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<Result<typeof InlineCompletion> | undefined> {
    const { InlineCompletion, inlineTrigger } = await import('../../shared/protocol/completion.ts');
    const isInvoked = triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const params = {
      textDocument: { uri: document.uri.toString() },
      position: { line: position.line, character: position.character },
      context: {
        triggerKind: isInvoked ? inlineTrigger.invoked : inlineTrigger.automatic,
        ...(selected && { selectedCompletionInfo: { text: selected.text, range: plainRange(selected.range) } }),
      },
    };
    try {
      return await this.#deps.daemon.call(InlineCompletion, params, { signal: signalOf(token) });
    } catch (error) {
      if (!(error instanceof DaemonError && error.code === 'cancelled'))
        this.#deps.log.debug(`No suggestion: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  #toEditor({ insertText, range: { start, end }, data }: InlineCompletionItem): vscode.InlineCompletionItem {
    const range = new vscode.Range(start.line, start.character, end.line, end.character);
    const item = new vscode.InlineCompletionItem(insertText, range);
    if (!data) return item;
    if (data.from === 'model') {
      this.#last = data;
      this.#changed.fire();
    }
    item.command = { title: '', command: 'switchyard.completionAccepted', arguments: [data.id] };
    return item;
  }

  /** Whether nothing but the beginning of the last suggestion was typed or accepted since: the daemon needs no model then. */
  #isContinued(document: vscode.TextDocument, position: vscode.Position): boolean {
    const offset = document.offsetAt(position);
    return this.#offeredIn(document).some(
      ({ start, text }) => offset > start && text.startsWith(textIn(document, start, offset)),
    );
  }

  #offeredIn(document: vscode.TextDocument): OfferedSuggestion[] {
    return this.#offered.filter(({ uri }) => uri === document.uri.toString());
  }

  #follow(id: string): void {
    const offered = this.#offered.find((each) => each.id === id);
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === offered?.uri);
    if (!document || !offered) return;
    const piece = { start: offered.start, end: offered.start + offered.text.length };
    if (textIn(document, piece.start, piece.end) === offered.text) this.#accepted.follow(id, document, piece);
  }

  #lookForPart({ document, contentChanges: [change, ...others] }: vscode.TextDocumentChangeEvent): void {
    if (!change || others.length > 0) return;
    const taken = this.#offeredIn(document).find(
      (offered) =>
        change.rangeOffset >= offered.start &&
        isPartTaken(offered, change, textIn(document, offered.start, change.rangeOffset)),
    );
    if (!taken || taken.id === this.#partAccepted) return;
    this.#partAccepted = taken.id;
    void this.#tell({ id: taken.id, accepted: true });
    const { rangeOffset: start, text } = change;
    this.#accepted.follow(taken.id, document, { start, end: start + text.length });
  }

  #snoozeChanged(): void {
    void vscode.commands.executeCommand('setContext', 'switchyard.completionSnoozed', this.#snooze !== undefined);
    this.#changed.fire();
  }

  async #tell(outcome: { id: string; accepted?: boolean; keptAfterMs?: number }): Promise<void> {
    const { CompletionOutcome } = await import('../../shared/protocol/completion.ts');
    await this.#deps.daemon
      .call(CompletionOutcome, outcome)
      .catch((error: unknown) => this.#deps.log.debug(`The outcome of a suggestion was not told: ${String(error)}`));
  }
}

function offeredAs(
  { insertText: text, range, data }: InlineCompletionItem,
  document: vscode.TextDocument,
): OfferedSuggestion | undefined {
  const start = document.offsetAt(new vscode.Position(range.start.line, range.start.character));
  return data && { id: data.id, uri: document.uri.toString(), start, text };
}

function textIn(document: vscode.TextDocument, start: number, end: number): string {
  return document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end)));
}

function plainRange({ start, end }: vscode.Range) {
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}

/** Ends early where it is cancelled. */
function pause(ms: number, token: vscode.CancellationToken): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      cancelled.dispose();
      resolve();
    };
    const timer = setTimeout(finish, ms);
    const cancelled = token.onCancellationRequested(finish);
  });
}
