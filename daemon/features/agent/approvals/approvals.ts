// Whether a step goes on without asking. What decides is what the step does, never what is said of it.
import { realpath } from 'node:fs/promises';
import { redact } from '../../../models/secrets/scanner.ts';
import type { ApprovalLog } from '../../../storage/jobs.ts';
import type { Approvals, AskingCall, LastingApproval } from '../loop/surroundings.ts';
import type { ApprovalSubject } from '../tools/tool.ts';
import { taintOf } from './taint.ts';

/** Lives as long as the daemon. */
export class StoredApprovals implements Approvals {
  readonly #approvals: (profile: string) => ApprovalLog;

  constructor({ approvals }: { approvals(profile: string): ApprovalLog }) {
    this.#approvals = approvals;
  }

  async isAllowed(subject: ApprovalSubject, call: AskingCall): Promise<boolean> {
    const { shown, identity, isDangerous } = subject;
    if (isDangerous || shown.kind === 'ask') return false;
    const isMeant = this.taintOf(call) === undefined || !mayReachOthers(subject);
    if (call.allow.includes(shown.kind) && isMeant) return true;
    const { profile, root } = call.run;
    // "Always" holds for a server's tool whatever it is given, so also for what a file wants to be given to it.
    const holds = isMeant || shown.kind === 'run';
    return shown.canAlways && holds && (await this.#approvals(profile).has(await realpath(root), identity));
  }

  async lastingOf(
    { shown, identity, isDangerous }: ApprovalSubject,
    { run }: AskingCall,
  ): Promise<LastingApproval | undefined> {
    if (isDangerous || !shown.canAlways) return undefined;
    const root = await realpath(run.root); // as trust knows it
    return { root, identity, kind: shown.kind, text: redact(boundWords(shown)).text };
  }

  async keep(profile: string, lasting: LastingApproval): Promise<void> {
    await this.#approvals(profile).add(lasting);
  }

  taintOf({ kind, given, isDangerous, task, materials }: AskingCall): string | undefined {
    return taintOf({ kind, given, isDangerous }, task, materials);
  }
}

/** Whether bytes could leave this machine by it. What a file asks for may not do that on the word that the user gave for others. */
function mayReachOthers({ shown: { kind, run } }: ApprovalSubject): boolean {
  return kind === 'web' || kind === 'mcp' || run?.network === 'on';
}

const shownHashChars = 12;

/** What was asked, and of a program the scripts as they were: changed ones ask again. */
function boundWords({ text, run }: ApprovalSubject['shown']): string {
  const scripts = (run?.scripts ?? []).map(
    ({ path, sha256 }) => `${path} (SHA-256 ${sha256.slice(0, shownHashChars)}…)`,
  );
  return scripts.length === 0 ? text : `${text} Only as long as unchanged: ${scripts.join(', ')}.`;
}
