// The current findings, by profile and document. All sessions of a profile show the same findings, whichever session
// found them.
import { anchor } from '../../base/anchor.ts';
import { Listeners } from '../../base/listeners.ts';
import type { Snippet } from '../../base/snippet.ts';
import { fileIdentity } from '../../base/uri.ts';
import type { Findings } from '../../storage/findings.ts';
import { FindingPlaces, type OpenDocument } from './finding-places.ts';
import { wholeLines } from './target.ts';
import type { Finding, ReviewShapes } from './types.ts';

/** The findings of one profile. */
export interface ProfileBoard {
  has(uri: string): boolean;
  /** The findings of a document as they were found. */
  list(uri: string): readonly Finding[];
  /** The findings in an open document's current text, each at its evidence, under the name that is asked for. Those whose code is gone are left out. */
  at(uri: string, document: OpenDocument): readonly Finding[];
  /** The findings of all documents. */
  all(): readonly Finding[];
  set(uri: string, findings: readonly Finding[]): void;
  /** Replaces a finding with the same message about the same code, and what it was before. */
  add(uri: string, finding: Finding): void;
  remove(uri: string, findingId: string): void;
  /** Puts on the board what storage has of a document that nothing is known of here, as after a restart of the daemon. */
  recall(uri: string, stored: Pick<Findings<ReviewShapes>, 'latest'>): Promise<void>;
  /** A review of a document begins, or of a range of it. What was known stands until the review has ended. */
  beginReview(snippet: Pick<Snippet, 'uri' | 'range' | 'text'>): BoardReview;
}

/** Lives as long as a review of one document. */
interface BoardReview {
  /** Its findings take the place of all that was known of what it read; what else was added meanwhile goes. */
  end(findings: readonly Finding[]): void;
  /** It failed or was cancelled: what was known before stands, and nothing else. */
  abandon(): void;
}

const maxIdentities = 10_000;

/** Lives as long as the daemon. A file has the same findings under each of its names. */
export class FindingBoard {
  readonly #byProfile = new Map<string, Map<string, readonly Finding[]>>();
  /** By document and profile. */
  readonly #places = new WeakMap<OpenDocument, Map<string, FindingPlaces>>();
  readonly #identities = new Map<string, string>();
  readonly #changes = new Listeners<[profile: string, uri: string]>();

  in(profile: string): ProfileBoard {
    const list = (uri: string): readonly Finding[] => this.#byProfile.get(profile)?.get(this.#identityOf(uri)) ?? [];
    const has = (uri: string): boolean => this.#byProfile.get(profile)?.has(this.#identityOf(uri)) ?? false;
    const set = (uri: string, findings: readonly Finding[]): void => this.#set(profile, uri, findings);
    return {
      list,
      set,
      all: () => [...(this.#byProfile.get(profile)?.values() ?? [])].flat(),
      has,
      at: (uri, document) => {
        const findings = list(uri);
        if (findings.length === 0) return findings;
        const placed = this.#placesIn(document, profile).of(findings);
        return placed.every((finding) => finding.uri === uri) ? placed : placed.map((finding) => ({ ...finding, uri }));
      },
      add: (uri, finding) => {
        const others = list(uri).filter(
          ({ id, message, evidence }) =>
            id !== finding.id &&
            id !== finding.previousId &&
            (message !== finding.message || evidence !== finding.evidence),
        );
        set(uri, [...others, finding]);
      },
      remove: (uri, findingId) =>
        set(
          uri,
          list(uri).filter((finding) => finding.id !== findingId),
        ),
      recall: async (uri, stored) => {
        if (has(uri)) return;
        const latest = await stored.latest(uri);
        if (!has(uri))
          set(
            uri,
            latest.map(({ finding }) => finding),
          );
      },
      beginReview: (snippet) => {
        const { uri } = snippet;
        const before = list(uri);
        return {
          end: (findings) => {
            const others = before.filter(
              (known) => !isRead(known, snippet) && !findings.some((finding) => finding.id === known.id),
            );
            set(uri, [...others, ...findings]);
          },
          abandon: () => set(uri, before),
        };
      },
    };
  }

  forget(profile: string): void {
    this.#byProfile.delete(profile);
  }

  /** Calls back with the profile and document whose findings changed; returns how to stop. */
  onChange(listener: (profile: string, uri: string) => void): () => void {
    return this.#changes.add(listener);
  }

  #placesIn(document: OpenDocument, profile: string): FindingPlaces {
    const byProfile = this.#places.get(document) ?? new Map<string, FindingPlaces>();
    this.#places.set(document, byProfile);
    const places = byProfile.get(profile) ?? new FindingPlaces(document);
    byProfile.set(profile, places);
    return places;
  }

  #set(profile: string, uri: string, findings: readonly Finding[]): void {
    const byUri = this.#byProfile.get(profile) ?? new Map<string, readonly Finding[]>();
    this.#byProfile.set(profile, byUri);
    byUri.set(this.#identityOf(uri), findings);
    this.#changes.notify(profile, uri);
  }

  /** The disk is asked once for each name. */
  #identityOf(uri: string): string {
    const known = this.#identities.get(uri);
    if (known !== undefined) return known;
    if (this.#identities.size >= maxIdentities) this.#identities.clear();
    const identity = fileIdentity(uri);
    this.#identities.set(uri, identity);
    return identity;
  }
}

/** Whether a finding stands in the lines that are reviewed, or would if its code were still there. */
function isRead(finding: Finding, { text, range }: Pick<Snippet, 'text' | 'range'>): boolean {
  if (!range) return true;
  const [reviewed, own] = [
    wholeLines(range),
    wholeLines(anchor(text, finding.evidence, finding.range) ?? finding.range),
  ];
  return own.first <= reviewed.last && own.last >= reviewed.first;
}

/** A finding in a line, as prompts tell of it. */
export function problemLine({ uri, range, severity, message }: Finding): string {
  return `${uri}:${range.start.line + 1}: ${severity}: ${message}`;
}
