// Slash commands of our own. Those of a project are its prompt files; one with the name of ours isn't offered.
import { randomUUID } from 'node:crypto';
import type { AvailableCommand, SessionUpdate } from '@agentclientprotocol/sdk';
import {
  type AgentChangedFile,
  AgentChanges,
  AgentKeep,
  type AgentPrompts,
  AgentUndo,
} from '../../../shared/protocol/agent.ts';
import type { Result } from '../../../shared/protocol/define.ts';
import { counted } from '../../../shared/words/counted.ts';
import { UserError } from '../../base/errors.ts';
import { toPath } from '../../base/uri.ts';
import type { Call } from './history.ts';
import { said, shown } from './updates.ts';

const own = {
  review: 'Show what the last task changed',
  keep: 'Keep what the last task changed, so that it is no longer shown for review',
  undo: 'Put back what the last task changed',
  continue: 'Go on with a task that waits or was stopped',
  'add-server': "Add one of your editor's MCP servers to Switchyard",
} as const;
const hints: Partial<Record<OwnCommand, string>> = {
  keep: 'file; all if left out',
  undo: 'from this step on; all if left out',
  'add-server': 'name',
};

type OwnCommand = keyof typeof own;

export interface GivenCommand {
  name: OwnCommand;
  rest: string;
}

/** Undefined where the text is for the model. */
export function commandIn(text: string): GivenCommand | undefined {
  const [, name = '', rest = ''] = /^\/([a-z-]+)(?:\s+(.*))?$/.exec(text.trim()) ?? [];
  return Object.hasOwn(own, name) ? { name: name as OwnCommand, rest: rest.trim() } : undefined;
}

export function availableCommands(
  { prompts }: Result<typeof AgentPrompts>,
  { hasServers }: { hasServers: boolean },
): AvailableCommand[] {
  const names = (Object.keys(own) as OwnCommand[]).filter((name) => name !== 'add-server' || hasServers);
  const ours = names.map((name) => command({ name, description: own[name], hint: hints[name] }));
  return [...ours, ...prompts.filter(({ name }) => !Object.hasOwn(own, name)).map(command)];
}

function command({
  name,
  description,
  hint,
}: {
  name: string;
  description: string;
  hint?: string | undefined;
}): AvailableCommand {
  return { name, description, ...(hint !== undefined && { input: { hint } }) };
}

const maxShownHunks = 200;

export async function reviewed(call: Call, jobId: string): Promise<SessionUpdate[]> {
  const { files, notes } = await call(AgentChanges, { jobId });
  if (files.length === 0) return [answer(['The last task changed no files.', ...notes])];
  const content = files.flatMap(diffsOf);
  const listed = files.map(listedAs);
  const cut = content.length > maxShownHunks ? [`Only the first ${maxShownHunks} changes are shown.`] : [];
  return [
    {
      sessionUpdate: 'tool_call',
      toolCallId: `review-${randomUUID()}`,
      title: `What the last task changed: ${counted(files.length, 'file')}`,
      kind: 'edit',
      status: 'completed',
      content: content.slice(0, maxShownHunks),
      locations: files.flatMap(({ uri }) => toPath(uri) ?? []).map((path) => ({ path })),
    },
    answer([
      `The last task changed ${counted(files.length, 'file')}:`,
      listed.join('\n'),
      ...notes,
      ...cut,
      `${files.every(({ isKept }) => isKept) ? '' : 'To keep it, send `/keep`. '}To put it back, send \`/undo\`.`,
    ]),
  ];
}

function listedAs({ path, isNew, isDeleted, isKept }: AgentChangedFile): string {
  const marks = [...(isNew ? ['new'] : isDeleted ? ['deleted'] : []), ...(isKept ? ['kept'] : [])];
  return `- ${shown(path)}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`;
}

/** Of what isn't kept yet. */
function diffsOf({ uri, path, hunks, isNew }: AgentChangedFile) {
  const left = hunks.filter(({ isKept }) => !isKept);
  return left.map(({ oldText, newText }) => ({
    type: 'diff' as const,
    path: toPath(uri) ?? path,
    oldText: isNew ? null : oldText,
    newText,
  }));
}

/** All of it, or the file that `rest` names. Throws UserError `no-such-file`, and what `AgentKeep` throws. */
export async function keptBy(call: Call, jobId: string, rest: string): Promise<SessionUpdate[]> {
  const { files } = rest === '' ? { files: [] } : await call(AgentChanges, { jobId });
  const file = files.find(({ path }) => path === rest.replaceAll('\\', '/').replace(/^\.\//, ''));
  if (rest !== '' && !file)
    throw new UserError('no-such-file', `The last task changed no file "${shown(rest)}". \`/review\` lists them.`);
  const { kept, conflicts } = await call(AgentKeep, { jobId, ...(file && { uri: file.uri }) });
  if (kept.length + conflicts.length === 0) return [answer(['Nothing is left to keep.'])];
  const others = conflicts.map(({ path, why }) => `- ${shown(path)} isn't kept: ${shown(why)}`);
  return [
    answer([
      `${counted(kept.length, 'file')} kept. \`/undo\` still puts back what the task changed.`,
      [...kept.map((path) => `- ${shown(path)}`), ...others].join('\n'),
    ]),
  ];
}

/** Throws UserError `no-such-step`, and what `AgentUndo` throws. */
export async function undone(call: Call, jobId: string, rest: string): Promise<SessionUpdate[]> {
  if (rest !== '' && !/^[1-9]\d{0,8}$/.test(rest))
    throw new UserError('no-such-step', `Name a step by its number, not "${shown(rest)}".`);
  const { restored, conflicts, step } = await call(AgentUndo, { jobId, ...(rest !== '' && { step: Number(rest) }) });
  if (restored.length + conflicts.length === 0)
    return [answer(['Nothing to undo. No files differ from what they were before.'])];
  const kept = conflicts.map(({ path, why }) => `- ${shown(path)} stays as it is: ${shown(why)}`);
  return [
    answer([
      `${counted(restored.length, 'file')} restored.`,
      [...restored.map((path) => `- ${shown(path)}`), ...kept].join('\n'),
      ...(step === undefined ? [] : [`To take that back, send \`/undo ${step}\`.`]),
    ]),
  ];
}

/** Of the product, as the answer of its turn. */
export function answer(paragraphs: readonly string[]): SessionUpdate {
  return said('agent_message_chunk', paragraphs.join('\n\n'));
}
