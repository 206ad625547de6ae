// `switchyard jobs keep` and `jobs undo`: what of a run is kept or undone without a question, by the ids of its changes, a file, or all.
import { AgentChanges, AgentKeep, AgentUndo } from '../../../shared/protocol/agent.ts';
import type { Params, Result } from '../../../shared/protocol/define.ts';
import { fileIdentity } from '../../base/uri.ts';
import type { DaemonClient } from '../kit/client.ts';
import { HintedError } from '../kit/command.ts';

interface NamedChanges {
  step?: number | undefined;
  uri?: string | undefined;
  /** Of the file, as the user wrote it. */
  path?: string | undefined;
  /** Beginnings of ids. */
  hunks: readonly string[];
}

type Scope = Pick<Params<typeof AgentUndo>, 'step' | 'uri' | 'hunks'>;

export async function keepNamed(
  client: DaemonClient,
  jobId: string,
  named: NamedChanges,
): Promise<Result<typeof AgentKeep>> {
  const done: Result<typeof AgentKeep> = { kept: [], conflicts: [] };
  for (const { uri, hunks } of await scopesOf(client, jobId, named)) {
    const { kept, conflicts } = await client.call(AgentKeep, { jobId, uri, hunks });
    done.kept.push(...kept);
    done.conflicts.push(...conflicts);
  }
  return done;
}

export async function undoNamed(
  client: DaemonClient,
  jobId: string,
  named: NamedChanges,
): Promise<Result<typeof AgentUndo>> {
  const done: Result<typeof AgentUndo> = { restored: [], conflicts: [] };
  for (const scope of await scopesOf(client, jobId, named)) {
    const { restored, conflicts, step } = await client.call(AgentUndo, { jobId, ...scope });
    done.restored.push(...restored);
    done.conflicts.push(...conflicts);
    if (step !== undefined) done.step ??= step; // from the first on, all are taken back
  }
  return done;
}

/** One for each file with changes that are named by ids. Throws HintedError where an id names none, or several. */
async function scopesOf(
  client: DaemonClient,
  jobId: string,
  { step, uri, path, hunks }: NamedChanges,
): Promise<readonly Scope[]> {
  if (hunks.length === 0) return [{ ...(step !== undefined && { step }), ...(uri !== undefined && { uri }) }];
  const { files } = await client.call(AgentChanges, { jobId });
  const identity = uri === undefined ? undefined : fileIdentity(uri);
  const meant = files.filter((file) => identity === undefined || fileIdentity(file.uri) === identity);
  const known = meant.flatMap((file) => file.hunks.map(({ id }) => ({ id, uri: file.uri })));
  const hint = `To list the changes with their IDs, run \`switchyard jobs changes ${jobId}\`.`;
  const chosen = hunks.map((written) => {
    const start = written.trim().toLowerCase();
    const found = known.filter(({ id }) => start !== '' && id.startsWith(start));
    const [only] = found;
    if (only && found.length === 1) return only;
    const where = path === undefined ? '' : ` in ${path}`;
    if (!only)
      throw new HintedError(
        'no-such-id',
        `No change of this run${where} has an ID that begins with "${written}".`,
        hint,
      );
    const more = found.every(({ id }) => id === only.id)
      ? 'Name its file with `--file`.'
      : 'Type more of the one you mean.';
    throw new HintedError('ambiguous-id', `${found.length} IDs begin with "${written}". ${more}`, hint);
  });
  return [...Map.groupBy(chosen, (each) => each.uri)].map(([file, of]) => ({
    uri: file,
    hunks: of.map(({ id }) => id),
  }));
}
