// TABLE of the tools that VS Code's agents have without an MCP server. Each is a tool of the daemon's, which checks the arguments and masks
// secrets in what it returns. That goes to the model that asked, which may be in a cloud: where it is the user's own text, the user is
// asked first.
import * as vscode from 'vscode';
import type { ParamsInput } from '../../shared/protocol/define.ts';
import { ToolsCall } from '../../shared/protocol/tools.ts';
import type { Context } from '../context.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import type { toolNames } from './tool-names.ts';

/** `input` is what a model wrote. */
interface ChatTool {
  /** What is shown while it runs, and the question to the user before. */
  prepare(input: unknown): vscode.PreparedToolInvocation;
  /** The daemon's tool, with its arguments. */
  callOf(input: unknown): ParamsInput<typeof ToolsCall>;
}

const { t } = vscode.l10n;
const maxHits = 20;

export const tools: Readonly<Record<(typeof toolNames)[number], ChatTool>> = {
  switchyard_search: {
    prepare: (input) =>
      searchQuestion(input, {
        title: t('Search your chats, findings, and memories?'),
        running: (query) => t('Searching your chats, findings, and memories for "{0}"', query),
      }),
    callOf: (input) => ({ name: 'search_chats', arguments: { query: textOf(input, 'query'), limit: maxHits } }),
  },
  switchyard_searchCode: {
    prepare: (input) =>
      searchQuestion(input, {
        title: t("Search this project's code?"),
        running: (query) => t('Searching this project\'s code for "{0}"', query),
      }),
    callOf: (input) => ({ name: 'search_code', arguments: { query: textOf(input, 'query') } }),
  },
  switchyard_review: {
    prepare: (input) => ({
      invocationMessage: plain(t('Reviewing {0}', reviewName(input))),
      confirmationMessages: {
        title: t('Review {0} with Switchyard?', reviewName(input)),
        message: plain(
          t(
            'The code goes to the model that Switchyard chooses, and the findings go to the model that asked. Either may run in a cloud.',
          ),
        ),
      },
    }),
    callOf(input) {
      const changes = textOf(input, 'changes');
      return changes === ''
        ? { name: 'review_file', arguments: { path: textOf(input, 'path') } }
        : { name: 'review_changes', arguments: { changes } };
    },
  },
  switchyard_why: {
    prepare: () => ({ invocationMessage: t('Reading why the last model was chosen') }),
    callOf: () => ({ name: 'why_model', arguments: { last: 1 } }),
  },
};

/** Throws DaemonError with a sentence, which the model reads. */
export async function invokeTool(
  { daemon }: Context,
  { callOf }: ChatTool,
  { input, signal }: { input: unknown; signal: AbortSignal },
): Promise<string> {
  return (await daemon.call(ToolsCall, callOf(input), { signal })).text;
}

const maxShown = 500; // characters

function searchQuestion(
  input: unknown,
  { title, running }: { title: string; running(query: string): string },
): vscode.PreparedToolInvocation {
  const query = textOf(input, 'query').slice(0, maxShown);
  return {
    invocationMessage: plain(running(query)),
    confirmationMessages: {
      title,
      message: plain(t('What is found for "{0}" goes to the model that asked, which may run in a cloud.', query)),
    },
  };
}

function reviewName(input: unknown): string {
  const changes = textOf(input, 'changes').slice(0, maxShown);
  return changes === '' ? textOf(input, 'path').slice(0, maxShown) || t('a file') : t('the {0} changes', changes);
}

function textOf(input: unknown, name: string): string {
  const value = (input as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** What a model wrote is shown as it is, whatever Markdown it has. */
function plain(text: string): vscode.MarkdownString {
  return new vscode.MarkdownString(escapeMarkdown(text));
}
