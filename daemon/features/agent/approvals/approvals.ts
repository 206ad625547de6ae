// Whether a step goes on without asking. What decides is what the step does, never what is said of it.
import type { CallKind } from '../../../../shared/protocol/agent.ts';
import type { ApprovalLog } from '../../../storage/approvals.ts';
import type { ApprovalSubject } from '../tools/tool.ts';

export interface ApprovalPlace {
  profile: string;
  /** The folder that the agent works in, as a path. */
  root: string;
}

export interface ApprovalRequest extends ApprovalPlace {
  /** Kinds of calls that the user has allowed for this run. */
  allow: readonly CallKind[];
  /** Where the step may come from what a tool brought. */
  taint?: string | undefined;
}

/** Lives as long as the daemon. */
export class Approvals {
  readonly #approvals: (profile: string) => ApprovalLog;

  constructor({ approvals }: { approvals(profile: string): ApprovalLog }) {
    this.#approvals = approvals;
  }

  /** Whether the step may be done without asking. */
  async isAllowed(subject: ApprovalSubject, { profile, root, allow, taint }: ApprovalRequest): Promise<boolean> {
    const { shown, identity, isDangerous } = subject;
    if (isDangerous || shown.kind === 'ask') return false;
    if (allow.includes(shown.kind) && !(taint !== undefined && mayReachOthers(subject))) return true;
    return shown.canAlways && (await this.#approvals(profile).has(root, identity));
  }

  /** The user has answered "always". Nothing is remembered of what is asked each time. */
  async remember({ shown, identity, isDangerous }: ApprovalSubject, { profile, root }: ApprovalPlace): Promise<void> {
    if (isDangerous || !shown.canAlways) return;
    await this.#approvals(profile).add({ root, identity, kind: shown.kind, text: shown.text });
  }
}

/** Whether bytes could leave this machine by it. What a file asks for may not do that on the word that the user gave for others. */
function mayReachOthers({ shown: { kind, run } }: ApprovalSubject): boolean {
  return kind === 'web' || kind === 'mcp' || run?.network === 'on';
}
