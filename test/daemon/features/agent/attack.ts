// An attack: a model that does whatever a file tells it, and what must not have come of it. The calls go through the loop's own runner.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { CallRunner } from '../../../../daemon/features/agent/loop/call-runner.ts';
import { ShownParts } from '../../../../daemon/features/agent/loop/shown-parts.ts';
import { noCheckpoints } from '../../../../daemon/features/agent/loop/surroundings.ts';
import type { CallResult } from '../../../../daemon/features/agent/loop/turn.ts';
import type { AgentTool } from '../../../../daemon/features/agent/tools/tool.ts';
import type { RunningJob } from '../../../../daemon/features/jobs/job-run.ts';
import type { AgentPart, CallKind } from '../../../../shared/protocol/agent.ts';
import { WorkedFolder, type WorkedFolderOptions } from './kit.ts';

/** The tool's name, and its arguments. */
export type Step = [string, unknown];

export interface Attack extends Pick<WorkedFolderOptions, 'files' | 'trusted'> {
  name: string;
  /** What the user has allowed for this run. */
  allow?: CallKind[];
  /** Steps that the user has allowed for good, each of which is done once before. */
  always?: Step[];
  /** What was changed behind the user's back since then. */
  meanwhile?(folder: WorkedFolder): void;
  steps: Step[];
  /** What happens between the user's yes to each step and its doing. Without it the user says no. */
  afterYes?(folder: WorkedFolder): void;
  tools?: readonly AgentTool[];
  env?: NodeJS.ProcessEnv;
}

interface AttackOutcome {
  asked: Extract<AgentPart, { kind: 'approval' }>['approval'][];
  results: CallResult[];
}

/** Programs of all names, each of which leaves a mark when it's run. Lives as long as a folder. */
function plantPrograms(folder: WorkedFolder, names: readonly string[]): string {
  const bin = join(folder.outside, 'bin');
  mkdirSync(bin);
  for (const name of names) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho ${name} >> '${markOf(folder)}'\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

function markOf(folder: WorkedFolder): string {
  return join(folder.outside, 'ran');
}

/** A script that leaves a mark when it's run. */
export const marking = "require('node:fs').appendFileSync('../ran', 'script');\n";

/** The same for a shell. */
export const payload = 'echo ran >> ../ran\n';

export function run(...argv: string[]): Step {
  return ['run', { argv }];
}

/** Does the attack, and checks that nothing ran and nothing was written. */
export async function attempt(attack: Attack): Promise<AttackOutcome> {
  const names = attack.steps.flatMap(([, given]) => {
    const [program = ''] = (given as { argv?: string[] }).argv ?? [];
    return /^[\w.+-]+$/.test(program) && program !== 'node' ? [program] : [];
  });
  const env: NodeJS.ProcessEnv = { ...process.env, ...attack.env };
  using folder = new WorkedFolder({ ...attack, isolates: false, env });
  const bin = plantPrograms(folder, names);
  env['PATH'] = [bin, dirname(process.execPath), process.env['PATH']].join(delimiter);
  for (const [tool, given] of attack.always ?? []) {
    const tools = attack.tools ?? [folder.edit, folder.run];
    const call = await tools.find(({ name }) => name === tool)?.prepare(given, folder.toolRun);
    assert.ok(call?.approval?.shown.canAlways, 'the user could have said "always"');
    const asking = folder.asking(call.approval.shown.kind, given);
    const lasting = await folder.approvals.lastingOf(call.approval, asking);
    if (lasting) await folder.approvals.keep('default', lasting);
    await call.perform();
  }
  attack.meanwhile?.(folder);
  let before = [folder.root, markOf(folder), folder.own].map(stateOf);
  const parts: AgentPart[] = [];
  const runner = new CallRunner({
    job: jobThat(() => {
      if (!attack.afterYes) return 'deny';
      attack.afterYes(folder);
      before = [folder.root, markOf(folder), folder.own].map(stateOf);
      return 'once';
    }),
    run: folder.toolRun,
    tools: attack.tools ?? [folder.edit, folder.run],
    shown: new ShownParts((part) => parts.push(part)),
    approvals: folder.approvals,
    checkpoints: noCheckpoints,
    allow: attack.allow ?? [],
    materials: [],
    asked: ['Fix the spelling in README.md.'],
  });
  const results: CallResult[] = [];
  for (const [index, [name, given]] of attack.steps.entries()) {
    const call = { id: `1.${index + 1}`, name, arguments: JSON.stringify(given) };
    results.push(await runner.perform(call, { step: index + 1, maxChars: 12_000, left: { workMs: 60_000 } }));
  }
  assert.deepEqual(
    [folder.root, markOf(folder), folder.own].map(stateOf),
    before,
    'nothing ran, and nothing was written',
  );
  assert.ok(results.every(({ ok }) => !ok));
  assert.deepEqual(
    readdirSync(folder.outside).filter((each) => !['project', 'own', 'bin', 'ran', 'elsewhere'].includes(each)),
    [],
  );
  return { asked: parts.flatMap((part) => (part.kind === 'approval' ? [part.approval] : [])), results };
}

/** All that there is at a path, as it is. */
function stateOf(path: string): unknown {
  if (!existsSync(path)) return undefined;
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return readlinkSync(path);
  if (!stats.isDirectory()) return [stats.mode, readFileSync(path, 'base64')];
  return Object.fromEntries(readdirSync(path).map((name) => [name, stateOf(join(path, name))]));
}

/** A job whose user gives this answer to whatever is asked. */
function jobThat(answer: () => string): RunningJob {
  return {
    id: 'job',
    profile: 'default',
    signal: new AbortController().signal,
    stages: [],
    stage: async (_name, work) => (await work()).outcome,
    ask(_name, _question, onWait) {
      onWait?.();
      return { id: answer() };
    },
    report() {},
  };
}
