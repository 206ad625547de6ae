// @switchyard with a question, and /explain: a chat of Switchyard's own, which goes on with each question and is in its history.
import * as vscode from 'vscode';
import { type Attachment, ChatFork, ChatMessages, ChatSend } from '../../shared/protocol/chat.ts';
import type { Part } from '../../shared/protocol/define.ts';
import { ModelsList } from '../../shared/protocol/models.ts';
import { DaemonError } from '../daemon-client.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import { type AnswerTarget, modelEntries } from './model-entries.ts';
import { lastNote, type ParticipantCall, type ResultNote } from './participant-call.ts';
import { ShownMarkdown } from './shown-markdown.ts';
import { attachmentOf, carriedTexts, namedSubjects, subjectsOf } from './subject.ts';

export async function answerQuestion(call: ParticipantCall): Promise<ResultNote> {
  const { request } = call;
  if (request.prompt.trim() === '')
    throw new DaemonError(
      'no-question',
      vscode.l10n.t('Ask a question after @switchyard, or choose one of its commands.'),
    );
  const subjects = await namedSubjects(request);
  return send(call, request.prompt, [...subjects.map(attachmentOf), ...carriedTexts(request)]);
}

export async function explain(call: ParticipantCall): Promise<ResultNote> {
  const { request } = call;
  const subjects = await subjectsOf(request);
  const asked = request.prompt.trim();
  const question = `Explain what this code does, and why it may be written this way.${asked && ` ${asked}`}`;
  return send(call, question, [...subjects.map(attachmentOf), ...carriedTexts(request)]);
}

async function send(call: ParticipantCall, text: string, attachments: Attachment[]): Promise<ResultNote> {
  const { ctx, stream, signal } = call;
  const shown = new ShownMarkdown();
  const target = await targetOf(call);
  const chatId = await chatToContinue(call);
  const params = { text, attachments, ...target, ...(chatId !== undefined && { chatId }) };
  const reply = await ctx.daemon.call(ChatSend, params, { signal, onPart: (part) => show(part, stream, shown) });
  stream.markdown(markdown(shown.end()));
  if (reply.finishReason === 'length')
    stream.markdown(`\n\n*${vscode.l10n.t("The answer was cut off at the model's output limit.")}*`);
  for (const { uri } of attachments) if (uri.startsWith('file:')) stream.reference(vscode.Uri.parse(uri));
  stream.button({
    command: 'switchyard.openChat',
    title: vscode.l10n.t('Open in Switchyard'),
    arguments: [reply.chatId],
  });
  const { id } = reply.decision;
  return { chatId: reply.chatId, messageId: reply.messageId, ...(id !== undefined && { decisionId: id }) };
}

function show(part: Part<typeof ChatSend>, stream: vscode.ChatResponseStream, shown: ShownMarkdown): void {
  if (part.kind === 'decision') stream.progress(vscode.l10n.t('Asking {0}', part.decision.model));
  else if (part.kind === 'text') stream.markdown(markdown(shown.push(part.text)));
  else if (part.kind === 'thought') stream.markdown('\n\n---\n\n');
  else if (part.kind === 'note' && part.waiting) stream.progress(part.text);
  else if (part.kind === 'note') stream.markdown(`> ${escapeMarkdown(part.text)}\n\n`);
}

/** No link in it runs a command, and no HTML is read. */
function markdown(text: string): vscode.MarkdownString {
  return new vscode.MarkdownString(text);
}

/** The model that is chosen in VS Code's picker, where it is one of ours; others are not asked through us. */
async function targetOf({ ctx, request, signal }: ParticipantCall): Promise<AnswerTarget> {
  if (request.model.vendor !== 'switchyard') return {};
  const { models } = await ctx.daemon.call(ModelsList, {}, { signal });
  return modelEntries(models).find(({ id }) => id === request.model.id)?.target ?? {};
}

/** The chat of the answer before. Where the user went back in VS Code's chat, a copy that ends there. */
async function chatToContinue({ ctx, history, signal }: ParticipantCall): Promise<string | undefined> {
  const { chatId, messageId } = lastNote(history, 'chatId') ?? {};
  if (chatId === undefined || messageId === undefined) return undefined;
  try {
    const { messages } = await ctx.daemon.call(ChatMessages, { chatId, limit: 1 }, { signal });
    if (messages.at(-1)?.id === messageId) return chatId;
    return (await ctx.daemon.call(ChatFork, { chatId, messageId }, { signal })).chatId;
  } catch (error) {
    if (signal.aborted || !(error instanceof DaemonError) || error.code === 'daemon-lost') throw error;
    return undefined; // it was deleted, or belongs to another profile: a new chat begins
  }
}
