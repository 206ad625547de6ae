// What earlier reviews found in the documents of a review: by it a finding is new or still there, and what is gone is solved.
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { toPath } from '../../../base/uri.ts';
import type { Findings, KnownFinding, StoredFinding } from '../../../storage/findings.ts';
import { type ReviewTarget, touchesLines, wholeLines } from '../target.ts';
import type { Aside, Finding, HeldFinding, ReviewShapes } from '../types.ts';
import type { CoverageEntry } from '../verdict/coverage.ts';
import {
  documentHash,
  formerFingerprintsOf,
  type LocatedPlace,
  likeness,
  locate,
  placeOf,
  surroundingsOf,
} from './identity.ts';

type Stored = Pick<Findings<ReviewShapes>, 'known' | 'dismissed' | 'reviewedUris' | 'close'>;

export interface PastFindingsDeps {
  findings: Stored;
  /** Storage could not be read: the review goes on, and everything is new. */
  onUnread(error: unknown): void;
}

interface Past extends KnownFinding<ReviewShapes> {
  place: LocatedPlace | undefined;
  target: ReviewTarget;
  isFound: boolean;
}

/** What is known of a finding from before. */
export interface Recognition {
  state: 'new' | 'still';
  isDismissed: boolean;
  previousId?: string;
}

const maxReviewed = 300; // documents that a renamed one may have been
const maxFormer = 10;
const minSharedLines = 2; // around a finding of a document that had another name

/** Lives as long as one review. */
export class PastFindings {
  readonly #deps: PastFindingsDeps;
  readonly #byUri = new Map<string, Promise<Past[]>>();
  readonly #fingerprints = new Map<string, string>();

  constructor(deps: PastFindingsDeps) {
    this.#deps = deps;
  }

  /** Knows findings of one document again, each once. */
  async recognise(findings: readonly Finding[], target: ReviewTarget): Promise<Map<string, Recognition>> {
    const past = await this.#of(target);
    const dismissed = await this.#dismissed(findings);
    return new Map(
      findings.map((finding): [string, Recognition] => {
        const isDismissed = formerFingerprintsOf(finding).some((fingerprint) => dismissed.has(fingerprint));
        const known = closest(past, finding, target);
        if (!known) return [finding.id, { state: 'new', isDismissed }];
        known.isFound = true;
        this.#fingerprints.set(finding.id, known.found.fingerprint);
        const state = known.isOpen ? 'still' : 'new';
        const previous = { previousId: known.found.id, isDismissed: isDismissed || known.isDismissed };
        return [finding.id, { state, ...previous }];
      }),
    );
  }

  /** How it is stored: under the fingerprint of before if it was known, else its own id. */
  toStore(finding: Finding, target: ReviewTarget): Pick<StoredFinding<ReviewShapes>, 'fingerprint' | 'surroundings'> {
    const fingerprint = this.#fingerprints.get(finding.id) ?? finding.id;
    return { fingerprint, surroundings: surroundingsOf(target, finding) };
  }

  /**
   * What became of the findings that stood and were not found again. Solved: whoever found it looked at its lines again. Expired: its
   * code is gone, and nobody looked. Not repeated: a model said nothing of it this time, though the document is as it was.
   */
  async settle(targets: readonly ReviewTarget[], coverage: readonly CoverageEntry[]): Promise<Aside> {
    const [solved, held, closed]: [Finding[], HeldFinding[], string[]] = [[], [], []];
    for (const target of targets)
      for (const past of await this.#of(target)) {
        const { finding, fingerprint } = past.found;
        if (!past.isOpen || past.isDismissed || past.isFound || !isInScope(past)) continue;
        const end = endOf(past, coverage);
        if (end === undefined) continue;
        if (end !== 'not-repeated') closed.push(fingerprint);
        const { state: _, previousId: __, ...known } = { ...finding, uri: target.snippet.uri };
        if (end === 'solved') solved.push({ ...known, state: 'solved' });
        else held.push({ finding: known, reason: end });
      }
    if (closed.length > 0) await this.#deps.findings.close(closed).catch((error) => this.#deps.onUnread(error));
    return { solved, held };
  }

  #of(target: ReviewTarget): Promise<Past[]> {
    const { uri } = target.snippet;
    const known = this.#byUri.get(uri) ?? this.#load(target);
    this.#byUri.set(uri, known);
    return known;
  }

  async #load(target: ReviewTarget): Promise<Past[]> {
    try {
      const { findings } = this.#deps;
      const own = (await findings.known(target.snippet.uri)).map((known) => pastOf(known, target));
      return own.length > 0 ? own : await this.#ofFormerNames(target);
    } catch (error) {
      this.#deps.onUnread(error);
      return [];
    }
  }

  /** Of a document that was renamed: the code around a finding came along with it. */
  async #ofFormerNames(target: ReviewTarget): Promise<Past[]> {
    const names = target.formerUri === undefined ? await this.#goneUris(target) : [target.formerUri];
    const past: Past[] = [];
    for (const name of names)
      for (const known of await this.#deps.findings.known(name)) {
        const here = pastOf(known, target);
        if (here.place && (here.place.sharedLines >= minSharedLines || here.place.isAlone)) past.push(here);
      }
    return past;
  }

  async #goneUris({ snippet: { uri } }: ReviewTarget): Promise<string[]> {
    const path = toPath(uri);
    if (path === undefined || !existsSync(path)) return [];
    const reviewed = await this.#deps.findings.reviewedUris(maxReviewed);
    const gone = reviewed.filter((name) => {
      const former = toPath(name);
      const isNear = former !== undefined && (basename(former) === basename(path) || dirname(former) === dirname(path));
      return isNear && !existsSync(former);
    });
    return gone.slice(0, maxFormer);
  }

  async #dismissed(findings: readonly Finding[]): Promise<Set<string>> {
    try {
      return await this.#deps.findings.dismissed(findings.flatMap(formerFingerprintsOf));
    } catch (error) {
      this.#deps.onUnread(error);
      return new Set();
    }
  }
}

function pastOf(known: KnownFinding<ReviewShapes>, target: ReviewTarget): Past {
  return { ...known, place: locate(target, known.found), target, isFound: false };
}

/** A dismissal holds for whatever is like it; a finding that stands is one finding. */
function closest(past: readonly Past[], finding: Finding, target: ReviewTarget): Past | undefined {
  const next = { finding, place: placeOf(target, finding) };
  const alike = past.flatMap((known) => {
    const { place, isFound, isDismissed, found } = known;
    if (!place || (isFound && !isDismissed)) return [];
    const score = likeness({ finding: found.finding, place }, next);
    return score > 0 ? [{ known, score: score + Number(known.isOpen || isDismissed) / 10 }] : [];
  });
  return alike.toSorted((a, b) => b.score - a.score)[0]?.known;
}

const nearLines = 3;

/** Whether the review looked where it stands, or where it stood. */
function isInScope({ place, found, target }: Past): boolean {
  const { range } = found.finding;
  if (place) {
    const line = (number: number) => ({ line: number, character: 0 });
    return touchesLines(target, { start: line(place.firstLine), end: line(place.lastLine + 1) });
  }
  const { first, last } = wholeLines(range);
  const isWhole = target.lines.some((span) => span.first === 0 && span.last >= target.starts.length - 1);
  return isWhole || target.lines.some((span) => first <= span.last + nearLines && last >= span.first - nearLines);
}

function endOf(past: Past, coverage: readonly CoverageEntry[]): 'solved' | 'expired' | 'not-repeated' | undefined {
  const { finding, surroundings } = past.found;
  const isModels = finding.rule === undefined && finding.source.includes('/');
  const looks = coverage.filter(({ uri, by }) => {
    const isKind = isModels ? by.includes('/') : by === finding.source;
    return uri === past.target.snippet.uri && isKind;
  });
  const hasLooked = looks.some(({ state }) => state === 'read');
  if (!past.place) return hasLooked ? 'solved' : 'expired';
  if (!hasLooked) return undefined; // it stands, and nobody says otherwise
  const isSameDocument = surroundings?.document === documentHash(past.target);
  return isModels && isSameDocument ? 'not-repeated' : 'solved';
}
