// How full the next model's context will be: what the last answer used, and what is being written. Pure.
import { meantModel, type State, shownEntries } from './state.ts';

export interface ContextMeter {
  usedTokens: number;
  totalTokens: number;
}

const charactersPerToken = 4;

/** Undefined where no model's context is known. The daemon leaves older messages out where they don't fit, so it never exceeds the whole. */
export function contextMeter(state: State): ContextMeter | undefined {
  const last = shownEntries(state).findLast(({ role, usage }) => role === 'assistant' && usage !== undefined);
  const id = meantModel(state).model ?? last?.decision?.model;
  const totalTokens = state.models.find((model) => model.id === id)?.contextTokens;
  if (totalTokens === undefined) return undefined;
  const { text, attachments } = state.draft;
  const characters = text.length + attachments.reduce((sum, attachment) => sum + attachment.text.length, 0);
  const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0 } = last?.usage ?? {};
  const usedTokens = input + cacheRead + cacheWrite + output + Math.ceil(characters / charactersPerToken);
  return { usedTokens: Math.min(usedTokens, totalTokens), totalTokens };
}
