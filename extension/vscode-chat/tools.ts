// TABLE of the tools that Switchyard gives to VS Code's agents. All of them only read. What they return goes to the model that asked,
// which may be in a cloud: where that is the user's own text, the user is asked first.
import * as vscode from 'vscode';
import type { Result } from '../../shared/protocol/define.ts';
import { isOpenFinding, type ReviewRun } from '../../shared/protocol/review.ts';
import { Search, type SearchIn } from '../../shared/protocol/search.ts';
import { furtherNotes } from '../../shared/review-words.ts';
import { runReview } from '../commands/review.ts';
import { runChangesReview } from '../commands/review-changes.ts';
import type { Context } from '../context.ts';
import { DaemonError } from '../daemon-client.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import { decisionWords, findingText, hitText, toolText } from './chat-words.ts';
import { decisionOf } from './explain-choice.ts';
import type { toolNames } from './tool-names.ts';

/** `input` is what a model wrote: it is checked here, whatever VS Code has checked. */
interface ChatTool {
  /** What is shown while it runs, and the question to the user before. */
  prepare(input: unknown): vscode.PreparedToolInvocation;
  /** Throws DaemonError with a sentence, which the model reads. */
  invoke(ctx: Context, input: unknown, signal: AbortSignal): Promise<string>;
}

export const tools: Readonly<Record<(typeof toolNames)[number], ChatTool>> = {
  switchyard_search: {
    prepare: (input) => searchQuestion(input, 'your chats, findings, and memories'),
    invoke: (ctx, input, signal) => search(ctx, input, { places: ['chats', 'findings', 'memories'], signal }),
  },
  switchyard_searchCode: {
    prepare: (input) => searchQuestion(input, "this project's code"),
    invoke: (ctx, input, signal) => search(ctx, input, { places: ['code'], signal }),
  },
  switchyard_review: {
    prepare: (input) => ({
      invocationMessage: plain(`Reviewing ${reviewName(input)}`),
      confirmationMessages: {
        title: `Review ${reviewName(input)} with Switchyard?`,
        message: plain(
          'The code goes to the model that Switchyard chooses, and the findings go to the model that asked. Either may run in a cloud.',
        ),
      },
    }),
    invoke: review,
  },
  switchyard_why: {
    prepare: () => ({ invocationMessage: 'Reading why the last model was chosen' }),
    async invoke(ctx, _input, signal) {
      const decision = await decisionOf(ctx, undefined, signal);
      return decision ? decisionWords(decision) : 'No model has answered in this profile yet.';
    },
  },
};

const maxQuery = 500; // characters
const maxHits = 20;

function searchQuestion(input: unknown, where: string): vscode.PreparedToolInvocation {
  const query = textOf(input, 'query').slice(0, maxQuery);
  return {
    invocationMessage: plain(`Searching ${where} for "${query}"`),
    confirmationMessages: {
      title: `Search ${where}?`,
      message: plain(`What is found for "${query}" goes to the model that asked, which may run in a cloud.`),
    },
  };
}

async function search(
  ctx: Context,
  input: unknown,
  { places, signal }: { places: SearchIn[]; signal: AbortSignal },
): Promise<string> {
  const query = textOf(input, 'query').slice(0, maxQuery);
  if (query === '') throw new DaemonError('no-query', 'Say what to search for: "query" is missing.');
  const { hits, notes } = await ctx.daemon.call(
    Search,
    { query, in: places, limit: maxHits, meaning: true },
    { signal },
  );
  const heading = hits.length === 0 ? 'No matches.' : `Matches, the best first: ${hits.length}.`;
  return toolText(
    heading,
    hits.map((hit) => hitText(hit, pathOf)),
    notes,
  );
}

async function review(ctx: Context, input: unknown, signal: AbortSignal): Promise<string> {
  const options = { signal, report: () => {} };
  const diff = changesOf(input);
  if (diff) {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    if (!folder) throw new DaemonError('no-folder', 'No folder is open, so there are no changes to review.');
    const thing = { kind: 'changes', root: folder.uri.toString(), changes: { diff } } as const;
    return reviewText(await runChangesReview(ctx, thing, options));
  }
  const document = await vscode.workspace.openTextDocument(fileIn(textOf(input, 'path')));
  return reviewText(await runReview(ctx, document, options));
}

/** Of the workspace alone. */
function fileIn(path: string): vscode.Uri {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const named = folders.map(({ uri }) => vscode.Uri.joinPath(uri, path));
  const uri = path === '' ? undefined : named.find((place) => vscode.workspace.getWorkspaceFolder(place));
  if (uri) return uri;
  throw new DaemonError(
    'not-in-workspace',
    'Name a file of this workspace by its relative path, or say which changes to review.',
  );
}

function reviewText({ summary, findings, notes, coverage }: Result<typeof ReviewRun>): string {
  const open = findings.filter(isOpenFinding).map((finding) => findingText(finding, pathOf));
  return toolText(summary, open, furtherNotes(notes, coverage));
}

function reviewName(input: unknown): string {
  const diff = changesOf(input);
  return diff ? `the ${diff} changes` : textOf(input, 'path').slice(0, maxQuery) || 'a file';
}

function changesOf(input: unknown): 'staged' | 'unstaged' | undefined {
  const changes = textOf(input, 'changes');
  return changes === 'staged' || changes === 'unstaged' ? changes : undefined;
}

function textOf(input: unknown, name: string): string {
  const value = (input as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value.trim() : '';
}

function pathOf(uri: string): string {
  return vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
}

/** What a model wrote is shown as it is, whatever Markdown it has. */
function plain(text: string): vscode.MarkdownString {
  return new vscode.MarkdownString(escapeMarkdown(text));
}
