// Carries out what the update asks for of memories.

import type { Rpc } from '../../rpc.ts';
import type { Deed } from '../state/memories.ts';
import type { Effects } from './effects.ts';

export async function loadMemories(
  _effect: object,
  { rpc, dispatch }: Pick<Effects, 'rpc' | 'dispatch'>,
): Promise<void> {
  const { memories, project } = await rpc.call('MemoriesList', {});
  dispatch({ type: 'memories-loaded', memories, project });
}

/** The list is asked for again: the daemon knows the outcome better than a guess would. */
export async function doMemoryDeed({ deed }: { deed: Deed }, on: Pick<Effects, 'rpc' | 'dispatch'>): Promise<void> {
  await carryOut(deed, on.rpc);
  await loadMemories({}, on);
}

async function carryOut({ kind, ...params }: Deed, rpc: Rpc): Promise<unknown> {
  switch (kind) {
    case 'add':
      return await rpc.call('MemoriesAdd', params as Params<'add'>);
    case 'update':
      return await rpc.call('MemoriesUpdate', params as Params<'update'>);
    case 'accept':
      return await rpc.call('MemoriesAccept', params as Params<'accept'>);
    case 'dismiss':
      return await rpc.call('MemoriesDismiss', params as Params<'dismiss'>);
    case 'delete':
      return await rpc.call('MemoriesDelete', params as Params<'delete'>);
  }
}

type Params<Kind extends Deed['kind']> = Omit<Extract<Deed, { kind: Kind }>, 'kind'>;
