// The current findings, by profile and document. All sessions of a profile show the same findings, whichever session
// found them.
import { anchor } from '../../base/anchor.ts';
import type { Finding } from './types.ts';

/** The findings of one profile. */
export interface ProfileBoard {
  has(uri: string): boolean;
  /** The findings of a document as they were found. */
  list(uri: string): readonly Finding[];
  /** The findings in the document's current text, each at its evidence. Those whose code is gone are left out. */
  at(uri: string, text: string): Finding[];
  /** The findings of all documents. */
  all(): readonly Finding[];
  set(uri: string, findings: readonly Finding[]): void;
  /** Replaces a finding with the same message about the same code. */
  add(uri: string, finding: Finding): void;
  remove(uri: string, findingId: string): void;
}

/** Lives as long as the daemon. */
export class FindingBoard {
  readonly #byProfile = new Map<string, Map<string, readonly Finding[]>>();
  readonly #listeners = new Set<(profile: string, uri: string) => void>();

  in(profile: string): ProfileBoard {
    const list = (uri: string): readonly Finding[] => this.#byProfile.get(profile)?.get(uri) ?? [];
    const set = (uri: string, findings: readonly Finding[]): void => this.#set(profile, uri, findings);
    return {
      list,
      set,
      all: () => [...(this.#byProfile.get(profile)?.values() ?? [])].flat(),
      has: (uri) => this.#byProfile.get(profile)?.has(uri) ?? false,
      at: (uri, text) =>
        list(uri).flatMap((finding) => {
          const range = anchor(text, finding.evidence, finding.range);
          return range ? [{ ...finding, range }] : [];
        }),
      add: (uri, finding) => {
        const others = list(uri).filter(
          ({ id, message, evidence }) =>
            id !== finding.id && (message !== finding.message || evidence !== finding.evidence),
        );
        set(uri, [...others, finding]);
      },
      remove: (uri, findingId) =>
        set(
          uri,
          list(uri).filter((finding) => finding.id !== findingId),
        ),
    };
  }

  forget(profile: string): void {
    this.#byProfile.delete(profile);
  }

  /** Calls back with the profile and document whose findings changed; returns how to stop. */
  onChange(listener: (profile: string, uri: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(profile: string, uri: string, findings: readonly Finding[]): void {
    const byUri = this.#byProfile.get(profile) ?? new Map<string, readonly Finding[]>();
    this.#byProfile.set(profile, byUri);
    byUri.set(uri, findings);
    for (const listener of this.#listeners) listener(profile, uri);
  }
}
