// From the number that a judge gives to the share of its verdicts that users kept: isotonic regression by pooling adjacent violators
// (Ayer et al. 1955), so that a higher number never means less. Pure.

export interface JudgedOutcome {
  /** As the judge gave it, 0 to 1. */
  confidence: number;
  kept: boolean;
}

/** With fewer outcomes a number would say more than is known. */
export const minOutcomes = 30;
/** Outcomes that a step rests on, so that it follows no chance. */
const minStepOutcomes = 15;
/** All steps are drawn to the mean as by so many outcomes more. */
const pull = 30;

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

/** Neighbors of which the higher has the lower share become one. */
function pooled(steps: readonly Step[]): Step[] {
  const rising: Step[] = [];
  for (let step of steps) {
    for (
      let before = rising.at(-1);
      before && before.kept * step.count >= step.kept * before.count;
      before = rising.at(-1)
    ) {
      step = joined(before, step);
      rising.pop();
    }
    rising.push(step);
  }
  return rising;
}

function joined(low: Step, high: Step): Step {
  return { to: high.to, count: low.count + high.count, kept: low.kept + high.kept };
}
