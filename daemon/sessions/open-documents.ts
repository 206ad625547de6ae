// The documents that a client has open, as it last sent them. A file is found under every spelling of its URI.
import { TextDocument } from 'vscode-languageserver-textdocument';
import { languageOf } from '../../shared/language.ts';
import { fileIdentity, notebookOf, oneSpelling } from '../base/uri.ts';

/** A document as a client opens it. */
interface OpenedDocument {
  uri: string;
  languageId?: string | null | undefined;
  version?: number | null | undefined;
  text: string;
}

/** A part of a document, or all of it, and the text that is there now. */
export interface DocumentChange {
  range?: Parameters<TextDocument['getText']>[0] | null;
  text: string;
}

const maxDocumentChars = 50_000_000; // nothing we do can use a longer one

/** Lives as long as a session. */
export class OpenDocuments {
  /** In the order in which they were changed last. */
  readonly #documents = new Map<string, TextDocument>();

  readonly #identities = new Map<string, string>();

  get all(): readonly TextDocument[] {
    return [...this.#documents.values()];
  }
  /** The one that was opened or changed last. */
  get last(): TextDocument | undefined {
    return this.all.at(-1);
  }

  get(uri: string): TextDocument | undefined {
    return this.#documents.get(oneSpelling(uri)) ?? this.underAnyName(uri)[0];
  }

  /** A file that has several names, by links, may be open under more than one. */
  underAnyName(uri: string): TextDocument[] {
    const identity = fileIdentity(uri);
    return [...this.#documents]
      .filter(([key]) => this.#identities.get(key) === identity)
      .map(([, document]) => document);
  }

  /** The other cells of a notebook in the same language, in the order in which they were changed last. */
  cellsBeside(uri: string): TextDocument[] {
    const notebook = notebookOf(uri);
    const languageId = notebook === undefined ? undefined : this.get(uri)?.languageId;
    return this.all.filter(
      (other) => other.languageId === languageId && other.uri !== uri && notebookOf(other.uri) === notebook,
    );
  }

  /** False where the text is too long to keep; the document is then not open here. */
  open({ uri, languageId, version, text }: OpenedDocument): boolean {
    const isNamed = languageId && languageId !== 'plaintext';
    return this.#keep(TextDocument.create(uri, isNamed ? languageId : languageOf(uri, text), version ?? 0, text));
  }

  /** False where the document can't be followed any more; it is then not open here, since its text would be a wrong one. */
  change(uri: string, version: number | null | undefined, changes: readonly DocumentChange[]): boolean {
    const document = this.#documents.get(oneSpelling(uri));
    if (!document) return true;
    try {
      const events = changes.map(({ range, text }) => (range ? { range, text } : { text }));
      return this.#keep(TextDocument.update(document, events, version ?? document.version + 1));
    } catch {
      this.close(uri);
      return false;
    }
  }

  /** Whether it was open. */
  close(uri: string): boolean {
    this.#identities.delete(oneSpelling(uri));
    return this.#documents.delete(oneSpelling(uri));
  }

  clear(): void {
    this.#documents.clear();
    this.#identities.clear();
  }

  #keep(document: TextDocument): boolean {
    const key = oneSpelling(document.uri);
    const identity = this.#identities.get(key) ?? fileIdentity(document.uri);
    this.close(document.uri);
    if (document.getText().length > maxDocumentChars) return false;
    this.#documents.set(key, document);
    this.#identities.set(key, identity);
    return true;
  }
}
