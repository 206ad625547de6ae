// What config.json says of the agent's runs.
import * as z from 'zod';

const share = (usual: number, of: string) =>
  z
    .number()
    .min(0)
    .max(1)
    .default(usual)
    .describe(`The share of a run's remaining ${of}, from 0 to 1. Default: ${usual}.`);

const SubAgentShares = z.object({
  rounds: share(0.5, 'turns of the model'),
  tokens: share(0.25, 'tokens'),
  money: share(0.25, 'dollars, if the run has a limit'),
  time: share(0.25, 'time'),
});

export const AgentConfig = z.object({
  subAgents: SubAgentShares.prefault({}).describe(
    'What one sub-agent may use of what its run has left. With a 0, there are none.',
  ),
  showToPrograms: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Files with sign-ins that a program may read once you let it onto the network, such as "~/.npmrc" for a private registry.',
    ),
});

export type AgentConfig = z.infer<typeof AgentConfig>;
export type SubAgentShares = z.infer<typeof SubAgentShares>;

/** A share that can't be read is none. `given` is what stands under `agent`. */
export function strictAgent(given: unknown, { subAgents, ...others }: AgentConfig): AgentConfig {
  const written = objectOf(objectOf(given)['subAgents']);
  const wrong = Object.entries(SubAgentShares.shape).filter(([name, shape]) => !shape.safeParse(written[name]).success);
  return { ...others, subAgents: { ...subAgents, ...Object.fromEntries(wrong.map(([name]) => [name, 0])) } };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
