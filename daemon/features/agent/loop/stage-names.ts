// The names of a run's stages: what they are, and the number of the turn or call that they are of. Stages of what a call lets be done apart
// have numbers that begin with the call's: turn 2 of the sub-agent of call `3.1` is `turn 3.1.2`, and the first call that it makes there is
// `call 3.1.2.1`. Pure.
import type { StoredStage } from '../../../storage/jobs.ts';

/**
 * `begin`: an effect begins. `approve`: the user's answer about a call; behind its number it has the mark of what was shown. `delegate`: a
 * sub-agent begins, with what it may use. `folder`: the list of what the folder has, behind how many effects.
 */
type StageKind = 'turn' | 'call' | 'begin' | 'approve' | 'delegate' | 'review' | 'folder';

type NamedStage = Pick<StoredStage, 'name'>;

/** The stage that stores the task. */
export const taskStage = 'begin';

export function stageName(kind: StageKind, id: string): string {
  return `${kind} ${id}`;
}

export function partsOfName(name: string): { kind: string; id: string } {
  const [kind = '', id = ''] = name.split(' ');
  return { kind, id };
}

export function isStageOf({ name }: NamedStage, kind: StageKind): boolean {
  return name.startsWith(stageName(kind, ''));
}

/** The call that a call of a sub-agent is made for. */
export function outerCall(callId: string): string | undefined {
  return /^(\d+\.\d+)\.\d+\.\d+$/.exec(callId)?.[1];
}

/** Whether an effect of the run itself, not of a sub-agent, begins. */
export function isOwnEffect(stage: NamedStage): boolean {
  return isStageOf(stage, 'begin') && outerCall(partsOfName(stage.name).id) === undefined;
}

export function innerStages<Stage extends NamedStage>(stages: readonly Stage[], callId: string): readonly Stage[] {
  return stages.filter(({ name }) => partsOfName(name).id.startsWith(`${callId}.`));
}

/** The calls whose work is stages of its own. */
export function delegatedCalls(stages: readonly NamedStage[]): ReadonlySet<string> {
  return new Set(stages.flatMap((stage) => (isStageOf(stage, 'delegate') ? partsOfName(stage.name).id : [])));
}

/** How long stages have taken: a call whose work is stages of its own isn't counted beside them. */
export function workMsOf(stages: readonly Pick<StoredStage, 'name' | 'durationMs'>[]): number {
  const delegated = delegatedCalls(stages);
  return stages.reduce((sum, stage) => {
    const isStaged = isStageOf(stage, 'call') && delegated.has(partsOfName(stage.name).id);
    return isStaged ? sum : sum + stage.durationMs;
  }, 0);
}
