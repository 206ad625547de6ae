// Messages into tokens, by the chat template that the model's own file holds.
import { basename } from 'node:path';
import type { ChatHistoryItem, ChatWrapper, Token } from 'node-llama-cpp';
import { InferenceError, type InferenceMessage } from './inference.ts';
import type { LoadedModel } from './models.ts';
import { firstLine } from './native.ts';

/** The prompt's tokens. Texts of messages never become special tokens. Throws InferenceError (`no-chat-template`). */
export function renderPrompt(loaded: LoadedModel, messages: readonly InferenceMessage[]): Token[] {
  const { info, model } = loaded;
  const template = model.fileInfo.metadata.tokenizer?.chat_template;
  if (info.embeddingOnly) throw refusal(info.path, "is an embedding model and can't chat");
  if (!template?.trim()) throw refusal(info.path, "has no chat template, so it can't chat");
  try {
    loaded.chatWrapper ??= newChatWrapper(loaded, template);
    const { contextText } = loaded.chatWrapper.generateContextState({ chatHistory: toHistory(messages) });
    return contextText.tokenize(model.tokenizer);
  } catch (error) {
    throw refusal(info.path, `has a chat template that doesn't accept these messages (${firstLine(error)})`, error);
  }
}

function refusal(path: string, what: string, cause?: unknown): InferenceError {
  return new InferenceError('no-chat-template', `${basename(path)} ${what}. Choose an instruct or chat model.`, cause);
}

/** Reasoning is off where the template can switch it: the answer itself is what is streamed. */
function newChatWrapper({ native, model }: LoadedModel, template: string): ChatWrapper {
  return new native.module.JinjaTemplateChatWrapper({
    template,
    tokenizer: model.tokenizer,
    reasoning: false,
    functionCallMessageTemplate: 'noJinja',
  });
}

/** An empty answer at the end is where the model goes on. */
function toHistory(messages: readonly InferenceMessage[]): ChatHistoryItem[] {
  return [
    ...messages.map(
      ({ role, content }): ChatHistoryItem =>
        role === 'assistant' ? { type: 'model', response: [content] } : { type: role, text: content },
    ),
    { type: 'model', response: [] },
  ];
}
