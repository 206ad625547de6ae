// Where a memory holds, in words.
import type { Memory } from '../../../shared/protocol/memories.ts';

/** `everywhere`, or the project's name. */
export function scopeLabel({ scope, project }: Pick<Memory, 'scope' | 'project'>): string {
  if (scope === 'profile') return 'everywhere';
  return project?.name ? `in ${project.name}` : 'in this project';
}
