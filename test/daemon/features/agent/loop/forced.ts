// A bench whose model is on this machine and has its answers forced, and what its requests let it call.
import type { ModelRequest } from '../../../../../daemon/models/providers/provider.ts';
import { type AgentBench, agentBench, type BenchOptions } from '../bench.ts';

interface Alternative {
  properties: Record<string, { enum?: unknown[]; type?: string; pattern?: string; not?: { enum: unknown[] } }>;
  required: string[];
}

export function forcedBench(options: BenchOptions): AgentBench {
  return agentBench({ info: { capabilities: { tools: false, jsonSchema: true } }, isLocal: true, ...options });
}

export function alternatives(request: ModelRequest | undefined): Alternative[] {
  const schema = request?.jsonSchema?.schema as { anyOf: Alternative[] } | undefined;
  return schema?.anyOf ?? [];
}

/** The values that a property may have in the calls of a tool. */
export function choices(request: ModelRequest | undefined, tool: string, property: string): unknown[] {
  return alternatives(request)
    .filter(({ properties }) => properties['tool']?.enum?.[0] === tool)
    .flatMap(({ properties }) => properties[property]?.enum ?? []);
}

/** The files that can be run. */
export const runnable = (request: ModelRequest | undefined): string[] =>
  alternatives(request)
    .filter(({ properties }) => properties['tool']?.enum?.[0] === 'run')
    .map(({ properties }) => properties['argv'] as { prefixItems: { enum: string[] }[] })
    .flatMap(({ prefixItems }) => prefixItems[1]?.enum ?? []);

export const said = (...calls: object[]): string[][] =>
  [...calls, { say: 'Done.' }].map((each) => [JSON.stringify(each)]);
