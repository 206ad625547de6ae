// Turns as tests ask for them: a router, a meter and the rest in one bag, without what sending needs besides.
import type { Reply, TurnDeps, TurnOptions, TurnRequest } from '../../../../daemon/features/chat/chat.ts';
import { createTurns } from '../../../../daemon/features/chat/turn.ts';
import { createModels, type ModelsDeps } from '../../../../daemon/models/ask.ts';

export type BenchDeps = Omit<TurnDeps, 'models'> & ModelsDeps;

export interface TestChat {
  reply(request: TurnRequest, options: TurnOptions): Promise<Reply>;
}

export function createTestChat(deps: BenchDeps): TestChat {
  return { reply: createTurns({ ...deps, models: createModels(deps) }) };
}
