// From the number that a judge gives to the share of its verdicts that users kept: isotonic regression by pooling adjacent violators
// (Ayer et al. 1955), so that a higher number never means less. Neighbors are pooled too where chance alone may tell them apart. Pure.
// What is left at 200 outcomes is near to what nobody can avoid: their mean alone is off by 0.03 on average, and by 0.07 or more in 1 of 20.

export interface JudgedOutcome {
  /** As the judge gave it, 0 to 1. */
  confidence: number;
  kept: boolean;
}

/** With fewer outcomes a number would say more than is known. */
export const minOutcomes = 30;
/** Outcomes that a step rests on, so that it follows no chance. */
const minStepOutcomes = 15;
/** Steps are kept apart by so many standard errors: there are a dozen pairs of neighbors, of which one differs by 2 by chance. */
const minErrorsApart = 2.5;
/** All steps are drawn to the mean as by so many outcomes more. */
const pull = 10;

interface Step {
  /** The highest confidence that belongs to it. */
  to: number;
  count: number;
  kept: number;
}

/** Maps a judge's number to a probability; undefined while there are too few outcomes. */
export function fitCalibration(outcomes: readonly JudgedOutcome[]): ((confidence: number) => number) | undefined {
  if (outcomes.length < minOutcomes) return undefined;
  const mean = outcomes.filter(({ kept }) => kept).length / outcomes.length;
  const steps = pooled(equalSteps(outcomes.toSorted((a, b) => a.confidence - b.confidence)));
  const trust = outcomes.length / (outcomes.length + pull);
  const shareOf = ({ count, kept }: Step): number => mean + trust * (kept / count - mean);
  return (confidence) => {
    const step = steps.find(({ to }) => confidence <= to) ?? steps.at(-1);
    return step ? shareOf(step) : mean;
  };
}

/** In ascending order; equal numbers stay together. */
function equalSteps(sorted: readonly JudgedOutcome[]): Step[] {
  const steps: Step[] = [];
  for (const { confidence, kept } of sorted) {
    const last = steps.at(-1);
    if (last && (last.to === confidence || last.count < minStepOutcomes)) {
      last.to = confidence;
      last.count++;
      last.kept += Number(kept);
    } else steps.push({ to: confidence, count: 1, kept: Number(kept) });
  }
  const last = steps.at(-1);
  if (last && last.count < minStepOutcomes && steps.length > 1) steps.splice(-2, 2, joined(steps.at(-2) ?? last, last));
  return steps;
}

/** The neighbors that differ least become one, until all differ by more than chance: those where the higher has the lower share do first. */
function pooled(steps: readonly Step[]): Step[] {
  const rising = [...steps];
  for (;;) {
    let [least, at] = [minErrorsApart, -1];
    for (const [i, low] of rising.entries()) {
      const high = rising[i + 1];
      const apart = high ? errorsApart(low, high) : minErrorsApart;
      if (apart < least) [least, at] = [apart, i];
    }
    const [low, high] = [rising[at], rising[at + 1]];
    if (!low || !high) return rising;
    rising.splice(at, 2, joined(low, high));
  }
}

/** By how many standard errors the higher step's share is above the lower one's. */
function errorsApart(low: Step, high: Step): number {
  const { count, kept } = joined(low, high);
  const share = kept / count;
  const error = Math.sqrt(share * (1 - share) * (1 / low.count + 1 / high.count));
  return error === 0 ? 0 : (high.kept / high.count - low.kept / low.count) / error;
}

function joined(low: Step, high: Step): Step {
  return { to: high.to, count: low.count + high.count, kept: low.kept + high.kept };
}
