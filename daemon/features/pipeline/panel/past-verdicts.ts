// What the refuter said in earlier reviews. What it let pass is not weighed again while the code around it is the same; what it took away
// stays away while the whole document is the same, since other code may have been the evidence.
import type { HunkMemory } from '../memory/hunk-memory.ts';
import { lineAt, type ReviewTarget } from '../target.ts';
import type { HeldFinding } from '../types.ts';
import type { PanelCandidate } from './candidate.ts';

export type PanelMemory = Pick<HunkMemory, 'recallAnswer' | 'keepAnswer'>;

interface PastVerdictsDeps {
  memory: PanelMemory;
  model: string;
  target: ReviewTarget;
}

interface Weighed {
  kept: PanelCandidate[];
  held: HeldFinding[];
}

const linesAround = 15;
const reasons = ['refuted', 'unconfirmed'] as const;

/** Lives as long as one document is weighed. */
export class PastVerdicts {
  readonly #deps: PastVerdictsDeps;
  readonly #candidates = new Map<string, PanelCandidate>();

  constructor(deps: PastVerdictsDeps) {
    this.#deps = deps;
  }

  async recall(candidates: readonly PanelCandidate[]): Promise<Weighed & { unknown: PanelCandidate[] }> {
    const weighed: Weighed & { unknown: PanelCandidate[] } = { kept: [], held: [], unknown: [] };
    const { memory, model } = this.#deps;
    for (const candidate of candidates) {
      const { finding } = candidate;
      this.#candidates.set(finding.id, candidate);
      if ((await memory.recallAnswer(this.#keptKey(candidate), model)) !== undefined) weighed.kept.push(candidate);
      else {
        const held = heldFrom(await memory.recallAnswer(this.#heldKey(candidate), model));
        if (held) weighed.held.push({ finding, ...held });
        else weighed.unknown.push(candidate);
      }
    }
    return weighed;
  }

  async keep({ kept, held }: Weighed): Promise<void> {
    const { memory, model, target } = this.#deps;
    const { uri } = target.snippet;
    for (const candidate of kept) await memory.keepAnswer(this.#keptKey(candidate), model, { uri, answer: 'kept' });
    for (const { finding, reason, detail } of held) {
      const candidate = this.#candidates.get(finding.id);
      if (!candidate) continue;
      await memory.keepAnswer(this.#heldKey(candidate), model, { uri, answer: JSON.stringify({ reason, detail }) });
    }
  }

  #keptKey(candidate: PanelCandidate): string {
    const { target } = this.#deps;
    const { start, end } = candidate.finding.range;
    const around: string[] = [];
    for (let line = start.line - linesAround; line <= end.line + linesAround; line++)
      if (line >= 0) around.push(lineAt(target, line));
    return JSON.stringify(['kept', claimOf(candidate), around]);
  }

  #heldKey(candidate: PanelCandidate): string {
    return JSON.stringify(['held', claimOf(candidate), this.#deps.target.snippet.text]);
  }
}

function claimOf({ finding: { category, message, evidence, severity }, support, passes }: PanelCandidate): unknown[] {
  return [category, message, evidence, severity, support, passes];
}

function heldFrom(answer: string | undefined): Omit<HeldFinding, 'finding'> | undefined {
  if (answer === undefined) return undefined;
  const { reason, detail } = JSON.parse(answer) as { reason: string; detail?: string };
  const known = reasons.find((one) => one === reason);
  return known && { reason: known, ...(detail !== undefined && { detail }) };
}
