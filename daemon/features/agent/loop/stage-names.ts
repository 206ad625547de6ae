// The stages of what a call lets be done apart: their numbers begin with the number of the call. Turn 2 of the sub-agent of call `3.1` is
// `turn 3.1.2`, and the first call that it makes there is `call 3.1.2.1`. Pure.
import type { StoredStage } from '../../../storage/jobs.ts';

/** Under this name it is stored that a sub-agent begins, with what it may use. */
export function beginStage(callId: string): string {
  return `delegate ${callId}`;
}

/** The call that a call of a sub-agent is made for. */
export function outerCall(callId: string): string | undefined {
  return /^(\d+\.\d+)\.\d+\.\d+$/.exec(callId)?.[1];
}

export function innerStages<Stage extends Pick<StoredStage, 'name'>>(
  stages: readonly Stage[],
  callId: string,
): readonly Stage[] {
  return stages.filter(({ name }) => name.split(' ')[1]?.startsWith(`${callId}.`));
}

/** How long stages have taken: a call whose work is stages of its own isn't counted beside them. */
export function workMsOf(stages: readonly Pick<StoredStage, 'name' | 'durationMs'>[]): number {
  const names = new Set(stages.map(({ name }) => name));
  const isStaged = (name: string): boolean => name.startsWith('call ') && names.has(beginStage(name.slice(5)));
  return stages.reduce((sum, { name, durationMs }) => (isStaged(name) ? sum : sum + durationMs), 0);
}
