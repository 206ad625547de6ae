// TABLE of the tools for other agents. None of them writes. Arguments are checked here, and what leaves is put together in result.ts.
import * as z from 'zod';
import { UserError } from '../../base/errors.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Routing } from '../../models/router/create.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Contexts } from '../mentions/contexts.ts';
import type { Find } from '../search/search.ts';
import { refusalText, resultText } from './result.ts';
import { reviewChangesTool, reviewFileTool } from './review.ts';
import { searchChatsTool } from './search-chats.ts';
import { searchCodeTool } from './search-code.ts';
import type { Tool, ToolCall } from './tool.ts';
import { whyModelTool } from './why-model.ts';

export interface ToolsDeps {
  find: Find;
  storage: Pick<Storage, 'in'>;
  contexts: Pick<Contexts, 'code' | 'file'>;
  gate: ModelGate;
  routing: Pick<Routing, 'analyse' | 'decisions'>;
}

interface DescribedTool extends Omit<Tool, 'arguments' | 'run'> {
  inputSchema: Record<string, unknown>;
}

/** Lives as long as the daemon. */
export interface Tools {
  readonly list: readonly DescribedTool[];
  /** Throws UserErrors `unknown-tool` and `wrong-arguments`, those of the tool, and CancelledError. */
  call(name: string, given: unknown, call: ToolCall): Promise<string>;
}

export function createTools(deps: ToolsDeps): Tools {
  const tools: readonly RunnableTool[] = [
    runnable(searchChatsTool(deps)),
    runnable(searchCodeTool(deps)),
    runnable(reviewFileTool(deps)),
    runnable(reviewChangesTool()),
    runnable(whyModelTool(deps)),
  ];
  return {
    list: tools.map(({ described }) => described),
    async call(name, given, call) {
      const tool = tools.find(({ described }) => described.name === name);
      if (!tool) {
        const names = tools.map(({ described }) => described.name).join(', ');
        throw new UserError('unknown-tool', `There's no tool "${name.slice(0, 100)}". The tools are ${names}.`);
      }
      try {
        return await tool.run(given, call);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        throw new UserError(error.code, refusalText(error.message), { retryable: error.retryable });
      }
    },
  };
}

interface RunnableTool {
  described: DescribedTool;
  run(given: unknown, call: ToolCall): Promise<string>;
}

/** Ties the arguments' schema to the function, then forgets their type, so that the table is uniform. */
function runnable<A extends z.ZodObject>({ arguments: schema, run, ...described }: Tool<A>): RunnableTool {
  return {
    described: { ...described, inputSchema: z.toJSONSchema(schema, { io: 'input' }) },
    async run(given, call) {
      const read = schema.safeParse(given ?? {});
      if (read.success) return resultText(await run(read.data, call));
      throw new UserError('wrong-arguments', `${described.name} can't use these arguments: ${wordsOf(read.error)}.`);
    },
  };
}

function wordsOf({ issues: [issue] }: z.ZodError): string {
  if (!issue) return 'they are wrong';
  const where = issue.path.map(String).join('.');
  const words = issue.message.replace(/^Invalid input: /, '').replace(/, received undefined$/, ', which is missing');
  return where === '' ? words : `${where}: ${words}`;
}
