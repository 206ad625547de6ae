// Who doubts a review's findings, and with which instructions: the model that reads the code, unless config.json names another.
import { createHash } from 'node:crypto';
import type { PipelineConfig, RoleConfig } from '../../../base/config/pipeline.ts';
import { CancelledError } from '../../../base/errors.ts';
import type { Allowance, AskRequest, Models, Prompt } from '../../../models/ask.ts';
import type { StreamPart } from '../../../models/providers/provider.ts';
import { type ModelChoice, requestFor } from '../../../models/router/router.ts';
import { roleText } from '../write/roles.ts';
import { judgeInstructions } from './judge.ts';
import type { PanelModel } from './panel-prompt.ts';
import { refuterInstructions } from './refuter.ts';

interface PanelRole {
  model: PanelModel;
  instructions: string;
  /** What answers are remembered under: those to other instructions are others'. */
  identity: string;
  maxOutputTokens?: number;
}

export type PanelRoleName = keyof typeof builtIn;
export type PanelRoles = Readonly<Record<PanelRoleName, PanelRole>>;

export interface PanelRolesDeps {
  models: Models;
  config: PipelineConfig['review'];
  choice: Pick<ModelChoice, 'profile' | 'policy' | 'chat'>;
  allowance?: Allowance | undefined;
  signal: AbortSignal;
  onNote(text: string): void;
  /** The sentence for what was thrown. */
  sentenceFor(error: unknown): string;
}

const builtIn = { refuter: refuterInstructions, judge: judgeInstructions } as const;

/** The roles as they are where nothing is configured. */
export function readersOwn(model: PanelModel): PanelRoles {
  const role = (name: PanelRoleName): PanelRole => ({ model, instructions: builtIn[name], identity: model.id });
  return { refuter: role('refuter'), judge: role('judge') };
}

/** A role that can't be had as it is configured is the reader's, with a note. Throws CancelledError. */
export async function panelRoles(reader: PanelModel, deps: PanelRolesDeps): Promise<PanelRoles> {
  const own = readersOwn(reader);
  const role = async (name: PanelRoleName): Promise<PanelRole> => {
    try {
      return await configuredRole(name, reader, deps);
    } catch (error) {
      if (deps.signal.aborted) throw new CancelledError();
      deps.onNote(`Couldn't use the ${name} as configured, so ${reader.id} did its work. ${deps.sentenceFor(error)}`);
      return own[name];
    }
  };
  return { refuter: await role('refuter'), judge: await role('judge') };
}

async function configuredRole(name: PanelRoleName, reader: PanelModel, deps: PanelRolesDeps): Promise<PanelRole> {
  const config = deps.config[name];
  const { prompt, maxOutputTokens } = config;
  const instructions = await roleText(config, `pipeline.review.${name}`, builtIn[name]);
  const model = await modelOf(config, reader, deps);
  const words = createHash('sha256').update(instructions).digest('hex').slice(0, 16);
  return {
    model,
    instructions,
    identity: prompt === undefined ? model.id : `${model.id} ${words}`,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

async function modelOf({ model, policy }: RoleConfig, reader: PanelModel, deps: PanelRolesDeps): Promise<PanelModel> {
  if (model === undefined && policy === undefined) return reader;
  const { models, choice, allowance, signal } = deps;
  const wanted = requestFor('review', {
    ...choice,
    policy: policy ?? choice.policy,
    ...(model !== undefined && { model }),
  });
  const first = await models.select(wanted, signal);
  const { id, info } = first.candidate;
  return {
    id,
    info,
    stream: (prompt) => askedAlone(models, { wanted, first, allowance, signal }, prompt),
  };
}

/** A request of its own, by this model or by none. Its parts come once it has ended. */
export async function* askedAlone(models: Models, asked: AskRequest, prompt: Prompt): AsyncGenerator<StreamPart> {
  yield* await models.ask({ ...asked, mayFallBack: false }, async (attempt) => {
    const parts: StreamPart[] = [];
    for await (const part of attempt.stream(prompt)) parts.push(part);
    return parts;
  });
}
