// The filter that learns from what the user dismissed: the findings on which they have decided, with their vectors.
import { LRUCache } from 'lru-cache';
import type { Embedder } from '../../../models/embedding/embedder.ts';
import type { Findings } from '../../../storage/findings.ts';
import type { Finding, HeldFinding, ReviewShapes } from '../types.ts';
import { flawKind } from '../verdict/claim-words.ts';
import { dismissedAlike, type FindingVectors, type Lesson, lessonTexts, minLessons } from './learned-filter.ts';

export interface LessonsDeps {
  embedder: Pick<Embedder, 'model' | 'embed'>;
  findings(profile: string): Pick<Findings<ReviewShapes>, 'lessons'>;
}

const maxLessons = 200; // the last ones
const maxKeptVectors = 2000;
const maxEmbedMs = 20_000;

/** Lives as long as the daemon. */
export class Lessons {
  readonly #deps: LessonsDeps;
  /** By model and text: the same remark is embedded once. */
  readonly #vectors = new LRUCache<string, Float32Array>({ max: maxKeptVectors });

  constructor(deps: LessonsDeps) {
    this.#deps = deps;
  }

  /** Those that are like dismissed ones. Without an embedder, or with few decisions, none; a note says what failed. */
  async likeDismissed(
    findings: readonly Finding[],
    { profile, signal }: { profile: string; signal: AbortSignal },
  ): Promise<{ held: HeldFinding[]; note?: string }> {
    const asked = findings.filter(({ category }) => flawKind(category) !== 'security');
    try {
      const decisions = await this.#deps.findings(profile).lessons(maxLessons);
      if (asked.length === 0 || decisions.length < minLessons) return { held: [] };
      const limited = AbortSignal.any([signal, AbortSignal.timeout(maxEmbedMs)]);
      const known = await this.#vectorsOf(
        decisions.map(({ finding }) => finding),
        limited,
      );
      const lessons = decisions.flatMap(({ finding, isDismissed }, index): Lesson[] => {
        const vectors = known[index];
        return vectors ? [{ findingId: finding.id, message: finding.message, isDismissed, ...vectors }] : [];
      });
      const own = await this.#vectorsOf(asked, limited);
      const held = asked.flatMap((finding, index): HeldFinding[] => {
        const vectors = own[index];
        const lesson = vectors && dismissedAlike(vectors, lessons);
        if (!lesson) return [];
        return [{ finding, reason: 'like-dismissed', detail: `Like a finding that you dismissed: ${lesson.message}` }];
      });
      return { held };
    } catch (error) {
      if (signal.aborted) throw error;
      return { held: [], note: "Couldn't compare the findings with those you dismissed, so all are shown." };
    }
  }

  async #vectorsOf(findings: readonly Finding[], signal: AbortSignal): Promise<FindingVectors[]> {
    const { embedder } = this.#deps;
    const { model } = embedder;
    const texts = findings.map(lessonTexts);
    const missing = [...new Set(texts.flatMap(({ claim, code }) => [claim, code]))].filter(
      (text) => !this.#vectors.has(`${model}\n${text}`),
    );
    const vectors = missing.length === 0 ? [] : await embedder.embed(missing, { signal, priority: 'interactive' });
    for (const [index, vector] of vectors.entries()) this.#vectors.set(`${model}\n${missing[index]}`, vector);
    return texts.flatMap(({ claim, code }): FindingVectors[] => {
      const own = [claim, code].map((text) => this.#vectors.get(`${model}\n${text}`));
      return own[0] && own[1] ? [{ claim: own[0], code: own[1] }] : [];
    });
  }
}
