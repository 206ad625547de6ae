// Turns as tests ask for them: a router, a meter and the rest in one bag, without what sending needs besides.
import type { Reply, TurnDeps, TurnOptions, TurnRequest } from '../../../../daemon/features/chat/chat.ts';
import { createTurns } from '../../../../daemon/features/chat/turn.ts';
import { createModels, type ModelsDeps } from '../../../../daemon/models/ask.ts';
import type { Storage } from '../../../../daemon/storage/storage.ts';

export interface BenchDeps extends Omit<TurnDeps, 'models' | 'storage'>, ModelsDeps {
  /** Of any shapes: a test reads what it has stored. */
  storage: Pick<Storage, 'in' | 'profiles' | 'predictTurn'>;
}

export interface TestChat {
  reply(request: TurnRequest, options: TurnOptions): Promise<Reply>;
}

export function createTestChat(deps: BenchDeps): TestChat {
  const storage = deps.storage as TurnDeps['storage'];
  return { reply: createTurns({ ...deps, storage, models: createModels(deps) }) };
}
