// What stands around a call that has an effect: who may allow it, and what was there before. The loop asks them; they know no loop.
import type { AgentRun, CallKind } from '../../../../shared/protocol/agent.ts';
import type { Result } from '../../../../shared/protocol/define.ts';
import type { StoredApproval } from '../../../storage/jobs.ts';
import type { Material } from '../approvals/taint.ts';
import type { ApprovalSubject, ToolRun } from '../tools/tool.ts';

export interface AskingCall {
  run: ToolRun;
  /** What the user has allowed for this run. */
  allow: readonly CallKind[];
  /** The user's own words, and what tools have brought since: where what a call is given comes from. */
  task: string;
  materials: readonly Material[];
  kind: CallKind;
  given: unknown;
  isDangerous?: boolean | undefined;
}

export type LastingApproval = Omit<StoredApproval, 'createdAt'>;

export interface Approvals {
  /** Whether it may be done unasked. */
  isAllowed(subject: ApprovalSubject, call: AskingCall): Promise<boolean>;
  /** What "always" would allow; undefined of what is asked each time. */
  lastingOf(subject: ApprovalSubject, call: AskingCall): Promise<LastingApproval | undefined>;
  /** The user has said "always". */
  keep(profile: string, lasting: LastingApproval): Promise<void>;
  /** A sentence, where the call may have been asked for by what a tool brought rather than by the user. */
  taintOf(call: AskingCall): string | undefined;
}

export interface Checkpoints {
  /** Before the first effect of a step. `paths` are files that it names. */
  before(run: ToolRun, step: number, paths: readonly string[]): Promise<void>;
  after(run: ToolRun, step: number): Promise<void>;
  /** What the run has changed until now. */
  changes(run: ToolRun): Promise<Result<typeof AgentRun>['changes']>;
}

export const noCheckpoints: Checkpoints = {
  async before() {},
  async after() {},
  changes: async () => [],
};
