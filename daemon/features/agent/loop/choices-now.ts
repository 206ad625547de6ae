// What a model whose answers are forced can call in its next turn: nothing it has just done, and nothing at all once it was told to answer.
import type { AgentTool, PastCall, ToolRun } from '../tools/tool.ts';
import type { OfferedTool } from './dialects.ts';
import type { Transcript } from './transcript.ts';

export async function choicesNow(
  tools: readonly AgentTool[],
  run: ToolRun,
  transcript: Transcript,
): Promise<OfferedTool[]> {
  if (transcript.turns.at(-1)?.notice !== undefined) return [];
  const past = pastCalls(transcript);
  return Promise.all(
    tools.map(async (tool) => (tool.choices ? { ...tool, schemas: await tool.choices(run, past) } : tool)),
  );
}

/** Without those that stand in the prompt as digests. */
function pastCalls({ turns, digested }: Transcript): PastCall[] {
  const calls = turns.flatMap(({ said, results }) =>
    results.map(({ ok, text }, i) => ({
      name: said.calls[i]?.name ?? '',
      given: givenIn(said.calls[i]?.arguments ?? ''),
      ok,
      text,
    })),
  );
  return calls.slice(digested);
}

function givenIn(json: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
