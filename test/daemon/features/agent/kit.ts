// A folder that the agent works in, its tools, and what a hostile model would do with them.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StoredApprovals } from '../../../../daemon/features/agent/approvals/approvals.ts';
import type { AskingCall } from '../../../../daemon/features/agent/loop/surroundings.ts';
import { Sandbox, type SandboxDeps } from '../../../../daemon/features/agent/sandbox/sandbox.ts';
import { editTool } from '../../../../daemon/features/agent/tools/edit.ts';
import { createFolderFiles } from '../../../../daemon/features/agent/tools/folder-files.ts';
import { programTool } from '../../../../daemon/features/agent/tools/run.ts';
import type { AgentTool, PreparedCall, ToolOutcome, ToolRun } from '../../../../daemon/features/agent/tools/tool.ts';
import { resultText } from '../../../../daemon/features/tools/result.ts';
import { createIgnore } from '../../../../daemon/ignore/ignore.ts';
import type { ApprovalLog, StoredApproval } from '../../../../daemon/storage/jobs.ts';
import type { CallKind } from '../../../../shared/protocol/agent.ts';
import { sessionView } from '../../../fakes/session-view.ts';
import { editGate } from '../pipeline/parts.ts';

export interface WorkedFolderOptions {
  files?: Record<string, string>;
  trusted?: boolean;
  /** Whether programs can be kept from the network; what this system can where left out. */
  isolates?: boolean;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
  /** The folder in which all of it lies. */
  parent?: string;
  /** Of the sandbox. */
  more?: Pick<SandboxDeps, 'wrappers' | 'freeBytes' | 'shownFiles' | 'onUntold'>;
}

/** Lives as long as a test. Its folder lies in one of its own, in which nothing else may appear. */
export class WorkedFolder implements Disposable {
  readonly outside: string;
  readonly root: string;
  /** Switchyard's own. */
  readonly own: string;
  readonly edit: AgentTool;
  readonly run: AgentTool;
  readonly sandbox: Sandbox;
  readonly approvals: StoredApprovals;
  readonly stored: StoredApproval[] = [];
  /** What an editor has open, by URI. */
  readonly open = new Map<string, string>();
  readonly stop = new AbortController();
  trusted: boolean;

  constructor({
    files: contents = {},
    trusted = true,
    isolates,
    env = process.env,
    timeoutMs = 60_000,
    parent = tmpdir(),
    more = {},
  }: WorkedFolderOptions = {}) {
    this.outside = realpathSync(mkdtempSync(join(parent, 'switchyard-agent-')));
    this.root = join(this.outside, 'project');
    this.own = join(this.outside, 'own');
    for (const folder of [this.root, this.own]) mkdirSync(folder);
    for (const [name, text] of Object.entries(contents)) this.write(name, text);
    this.trusted = trusted;
    const ignore = createIgnore({ ownFolders: [this.own] });
    this.sandbox = new Sandbox({
      ...more,
      ownFolders: [this.own],
      cacheFolder: join(this.own, 'programs'),
      env,
      timeoutMs,
    });
    if (isolates !== undefined) this.sandbox.canIsolate = async () => isolates;
    const trusts = async (): Promise<boolean> => this.trusted;
    const files = createFolderFiles(ignore);
    this.edit = editTool({ ignore, files, edits: editGate, trusts });
    this.run = programTool({ ignore, files, sandbox: this.sandbox, trusts, env });
    this.approvals = new StoredApprovals({ approvals: () => logOf(this.stored) });
  }

  get toolRun(): ToolRun {
    return {
      jobId: 'job',
      profile: 'default',
      session: sessionView({
        roots: [pathToFileURL(this.root).href],
        document: (uri) => {
          const text = this.open.get(uri);
          return text === undefined ? undefined : { getText: () => text };
        },
      }),
      root: this.root,
      signal: this.stop.signal,
      report() {},
    };
  }

  asking(kind: CallKind, given: unknown, more: Partial<AskingCall> = {}): AskingCall {
    return { run: this.toolRun, allow: [], task: '', materials: [], kind, given, ...more };
  }

  prepare(tool: 'edit' | 'run', given: unknown): Promise<PreparedCall> {
    return this[tool].prepare(given, this.toolRun);
  }

  async perform(tool: 'edit' | 'run', given: unknown): Promise<ToolOutcome & { said: string }> {
    const outcome = await (await this.prepare(tool, given)).perform();
    return { ...outcome, said: resultText(outcome.text, { isWarned: true }) };
  }

  write(name: string, text: string | Uint8Array, mode = 0o644): string {
    const path = join(this.root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.root, name), 'utf8');
  }

  uri(name: string): string {
    return pathToFileURL(join(this.root, name)).href;
  }

  [Symbol.dispose](): void {
    rmSync(this.outside, { recursive: true, force: true });
  }
}

/** Approvals of one profile, in memory. */
function logOf(stored: StoredApproval[]): ApprovalLog {
  return {
    async add(approval) {
      stored.push({ ...approval, createdAt: Date.now() });
    },
    has: async (root, identity) => stored.some((one) => one.root === root && one.identity === identity),
    list: async () => stored,
    async remove() {},
    async clear() {},
  };
}

/** The Node that runs this, found by its name alone. */
export const nodeOnPath: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${process.platform === 'win32' ? ';' : ':'}${process.env['PATH'] ?? ''}`,
};
