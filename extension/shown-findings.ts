// Which findings the editor's Problems show: not those that another extension reports already. Their threads and fixes stay.
import * as vscode from 'vscode';
import { isSameFlaw, type ReportedFlaw } from '../shared/same-flaw.ts';
import { toWire } from './places.ts';

type Show = (uri: vscode.Uri, diagnostics: vscode.Diagnostic[]) => void;

/** Lives as long as the language client. */
export class ShownFindings implements vscode.Disposable {
  /** What the daemon last published, by document. */
  readonly #published = new Map<string, { diagnostics: vscode.Diagnostic[]; shown: vscode.Diagnostic[]; show: Show }>();
  readonly #subscription: vscode.Disposable;

  constructor() {
    this.#subscription = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      for (const uri of uris) this.#refresh(uri);
    });
  }

  publish(uri: vscode.Uri, diagnostics: vscode.Diagnostic[], show: Show): void {
    const shown = own(uri, diagnostics);
    if (diagnostics.length === 0) this.#published.delete(uri.toString());
    else this.#published.set(uri.toString(), { diagnostics, shown, show });
    show(uri, shown);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  /** Another extension has reported something, or no longer does. */
  #refresh(uri: vscode.Uri): void {
    const published = this.#published.get(uri.toString());
    if (!published) return;
    const shown = own(uri, published.diagnostics);
    if (shown.length === published.shown.length && shown.every((one, i) => one === published.shown[i])) return;
    published.shown = shown;
    published.show(uri, shown);
  }
}

function own(uri: vscode.Uri, diagnostics: vscode.Diagnostic[]): vscode.Diagnostic[] {
  const others = vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source !== 'switchyard')
    .map(flawOf);
  return diagnostics.filter((diagnostic) => !others.some((other) => isSameFlaw(other, flawOf(diagnostic))));
}

function flawOf({ range, message, source, code }: vscode.Diagnostic): ReportedFlaw {
  const value = typeof code === 'object' ? code.value : code;
  const isNumbered = source === 'ts' || source === 'js'; // TypeScript's own codes are bare numbers
  const rule = value === undefined ? undefined : `${isNumbered ? 'TS' : ''}${value}`;
  return { range: toWire(range), message, source, rule };
}
