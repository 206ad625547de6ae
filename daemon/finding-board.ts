// The findings that stand now, by document. Every session shows the same ones, wherever they were found.
import { anchor } from './base/anchor.ts';
import type { Finding } from './pipeline/types.ts';

/** Lives as long as the daemon. */
export class FindingBoard {
  readonly #byUri = new Map<string, readonly Finding[]>();
  readonly #listeners = new Set<(uri: string) => void>();

  has(uri: string): boolean {
    return this.#byUri.has(uri);
  }

  /** The findings of a document as they were found. */
  list(uri: string): readonly Finding[] {
    return this.#byUri.get(uri) ?? [];
  }

  /** The findings of a document as it reads now: each where its evidence stands, without those whose code is gone. */
  at(uri: string, text: string): Finding[] {
    return this.list(uri).flatMap((finding) => {
      const range = anchor(text, finding.evidence, finding.range);
      return range ? [{ ...finding, range }] : [];
    });
  }

  set(uri: string, findings: readonly Finding[]): void {
    this.#byUri.set(uri, findings);
    for (const listener of this.#listeners) listener(uri);
  }

  /** What an earlier review said of the same code gives way. */
  add(uri: string, finding: Finding): void {
    const others = this.list(uri).filter(({ id, message, evidence }) => id !== finding.id && (message !== finding.message || evidence !== finding.evidence));
    this.set(uri, [...others, finding]);
  }

  remove(uri: string, findingId: string): void {
    this.set(uri, this.list(uri).filter((finding) => finding.id !== findingId));
  }

  /** Calls back with the document whose findings changed; returns how to stop. */
  onChange(listener: (uri: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
