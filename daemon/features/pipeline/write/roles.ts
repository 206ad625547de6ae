// Who does what in the pipeline: the model and the instructions of each role, as config.json says, and otherwise by the usual choice.
import type { PipelineConfig, RoleConfig } from '../../../base/config/pipeline.ts';
import { readPlainFile } from '../../../base/disk.ts';
import { UserError } from '../../../base/errors.ts';
import { expandHome } from '../../../base/paths.ts';
import { type ModelChoice, requestFor, type SelectRequest } from '../../../models/router/router.ts';
import { type RoleName, roleInstructions } from './prompts.ts';

const maxInstructionChars = 20_000;
const tasks = { coder: 'action', reviewer: 'review', judge: 'review' } as const;

/** What is wanted of a role's model: the configured one, else what `choice` says. */
export function wantedFor(role: RoleName, config: PipelineConfig, choice: ModelChoice): SelectRequest {
  const own = config[role];
  const { model, policy } = own;
  if (model !== undefined) return requestFor(tasks[role], { profile: choice.profile, policy: choice.policy, model });
  return requestFor(tasks[role], policy === undefined ? choice : { profile: choice.profile, policy });
}

/** Of whom a judge that is not sure is judged again; undefined where config.json names nobody. */
export function wantedForEscalation(
  { escalation: { model, policy } }: PipelineConfig,
  { profile, policy: ownPolicy }: ModelChoice,
): SelectRequest | undefined {
  if (model !== undefined) return requestFor('review', { profile, policy: ownPolicy, model });
  return policy === undefined ? undefined : requestFor('review', { profile, policy });
}

/** The instructions of a role: the user's file, or our own. Throws UserError `prompt-file` where the file cannot be read. */
export function instructionsFor(role: RoleName, config: PipelineConfig): Promise<string> {
  return roleText(config[role], `pipeline.${role}`, roleInstructions[role]);
}

/** `place` is the role's in config.json. Throws as `instructionsFor` does. */
export async function roleText({ prompt }: RoleConfig, place: string, builtIn: string): Promise<string> {
  if (prompt === undefined) return builtIn;
  try {
    const text = (await readPlainFile(expandHome(prompt))).trim().slice(0, maxInstructionChars);
    if (text !== '') return text;
  } catch (error) {
    throw new UserError('prompt-file', `Couldn't read ${prompt}, which config.json names as ${place}.prompt.`, {
      cause: error,
    });
  }
  throw new UserError('prompt-file', `${prompt}, which config.json names as ${place}.prompt, is empty.`);
}
