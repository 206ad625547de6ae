// What the user reads of code that models wrote, and of a job's stages. Pure.
import type { WholeJob } from '../../shared/protocol/jobs.ts';
import { formatUsd } from '../../shared/usd.ts';

interface Judged {
  judge: { verdict: string; confidence: number | null; conflicts: readonly string[] };
  label?: string | undefined;
  notes: readonly string[];
}

/** Sentences beside the question whether to apply the code; what speaks against it comes first. */
export function writtenWords({ judge: { verdict, confidence, conflicts }, label, notes }: Judged): string[] {
  const sure =
    confidence === null
      ? 'Its confidence is not calibrated yet.'
      : `You keep about ${Math.round(confidence * 100)}% of such code.`;
  return [
    ...(label === undefined ? [] : [label]),
    ...(verdict === 'approved' ? [`The judge approved it. ${sure}`] : []),
    ...conflicts.map((conflict) => `Conflict: ${conflict}`),
    ...notes,
  ];
}

/** A job's stages with what was asked and answered, as a text to read. */
export function stagesText({ title, stages }: Pick<WholeJob, 'title' | 'stages'>): string {
  const blocks = stages.map(({ name, detail, model, durationMs, cost, prompt, answer }) =>
    [
      `${name}: ${detail}`,
      [model, `${(durationMs / 1000).toFixed(1)} s`, ...(typeof cost === 'number' ? [formatUsd(cost)] : [])]
        .filter((fact) => fact !== undefined)
        .join(', '),
      ...(prompt === undefined ? [] : ['', '--- prompt', prompt]),
      ...(answer === undefined ? [] : ['', '--- answer', answer]),
    ].join('\n'),
  );
  return [title, ...blocks].join('\n\n');
}
