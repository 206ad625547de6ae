// Memories of the scripted daemon: a list that the view can change.
import {
  type AnyRequest,
  MemoriesAccept,
  MemoriesAdd,
  MemoriesDelete,
  MemoriesDismiss,
  MemoriesList,
  MemoriesUpdate,
  type Memory,
  type Params,
} from '../../shared/protocol/index.ts';

export function memory(over: Partial<Memory> & Pick<Memory, 'id' | 'text'>): Memory {
  return { state: 'accepted', enabled: true, scope: 'profile', createdAt: Date.now(), uses: 0, ...over };
}

/** Lives as long as one test. */
export class ScriptedMemories {
  items: Memory[] = [];
  project: string | undefined;

  answer(message: AnyRequest, params: unknown): unknown {
    switch (message) {
      case MemoriesList:
        return { memories: this.items, ...(this.project !== undefined && { project: this.project }) };
      case MemoriesAdd: {
        const { text, scope } = params as Params<typeof MemoriesAdd>;
        const added = memory({ id: `added-${this.items.length}`, text, scope });
        this.items.push(added);
        return { memory: added };
      }
      case MemoriesUpdate:
      case MemoriesAccept: {
        const { memoryId, ...change } = params as Params<typeof MemoriesUpdate>;
        return {
          memory: this.#change(memoryId, {
            ...(message === MemoriesAccept && { state: 'accepted' }),
            ...change,
          } as Partial<Memory>),
        };
      }
      case MemoriesDelete:
      case MemoriesDismiss: {
        const { memoryId } = params as Params<typeof MemoriesDelete>;
        this.items = this.items.filter(({ id }) => id !== memoryId);
        return {};
      }
      default:
        throw new Error(`not scripted: ${message.method}`);
    }
  }

  #change(memoryId: string, change: Partial<Memory>): Memory | undefined {
    this.items = this.items.map((one) => (one.id === memoryId ? { ...one, ...change } : one));
    return this.items.find(({ id }) => id === memoryId);
  }
}
