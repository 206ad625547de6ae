// Registers what VS Code's own chat has of Switchyard: its models, its participant, and its tools. What they do is loaded at their
// first use, so that activation loads nothing of it.
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { signalOf } from './cancellation.ts';
import type { ChatModels } from './chat-models.ts';
import type { ModelEntry } from './model-entries.ts';
import { toolNames } from './tool-names.ts';

const vendor = 'switchyard';
const participantId = 'switchyard.participant';

export function registerVsCodeChat(ctx: Context): vscode.Disposable[] {
  return [...registerModels(ctx), registerParticipant(ctx), ...toolNames.map((name) => registerTool(ctx, name))];
}

function registerModels(ctx: Context): vscode.Disposable[] {
  const changed = new vscode.EventEmitter<void>();
  let models: Promise<ChatModels> | undefined;
  const loaded = (): Promise<ChatModels> => {
    models ??= import('./chat-models.ts').then((module) => new module.ChatModels(ctx));
    return models;
  };
  const provider: vscode.LanguageModelChatProvider<ModelEntry> = {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: async (...asked) => (await loaded()).offer(...asked),
    provideLanguageModelChatResponse: async (...asked) => (await loaded()).answer(...asked),
    provideTokenCount: async (...asked) => (await loaded()).countTokens(...asked),
  };
  return [
    changed,
    ctx.daemon.onDidChangeModels(() => changed.fire()),
    // VS Code asks for models by itself only once its chat has failed for want of one.
    ctx.daemon.onDidChangeState(({ kind }) => {
      if (kind === 'connected' && !isChatDisabled()) changed.fire();
    }),
    vscode.lm.registerLanguageModelChatProvider(vendor, provider),
  ];
}

/** Whether the user wants no chat of VS Code's: then nobody is asked which models there are. */
function isChatDisabled(): boolean {
  return vscode.workspace.getConfiguration('chat').get<boolean>('disableAIFeatures') === true;
}

function registerParticipant(ctx: Context): vscode.Disposable {
  const load = () => import('./participant.ts');
  const participant = vscode.chat.createChatParticipant(participantId, async (...asked) =>
    (await load()).answerRequest(ctx, ...asked),
  );
  participant.iconPath = new vscode.ThemeIcon('git-branch');
  participant.followupProvider = { provideFollowups: async (result) => (await load()).followUps(result) };
  const feedback = participant.onDidReceiveFeedback(async (given) => (await load()).takeFeedback(ctx, given));
  return vscode.Disposable.from(participant, feedback);
}

function registerTool(ctx: Context, name: (typeof toolNames)[number]): vscode.Disposable {
  const load = () => import('./tools.ts');
  return vscode.lm.registerTool(name, {
    prepareInvocation: async ({ input }) => (await load()).tools[name].prepare(input),
    invoke: async ({ input }, token) => {
      const { tools, invokeTool } = await load();
      const text = await invokeTool(ctx, tools[name], { input, signal: signalOf(token) });
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  });
}
