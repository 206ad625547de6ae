// What happens to memories: the list of them, and what the user does with one or with a proposal. Pure; a part of the update.
import type { Memory } from '../../../shared/protocol/memories.ts';
import { t } from '../../words.ts';
import type { MemoryDeed, Of, Transition } from './messages.ts';
import type { State } from './state.ts';
import type { Entry, Transcript } from './transcript.ts';

export function showMemories(state: State, { used = [] }: { used?: readonly string[] }): Transition {
  return [{ ...state, panel: 'memories', memories: { ...state.memories, sought: used } }, [{ kind: 'load-memories' }]];
}

export function memoriesLoaded(state: State, { memories, project }: Of<'memories-loaded'>): State {
  return { ...state, memories: { ...state.memories, items: memories, project, isLoaded: true } };
}

/** Shows the outcome at once. The daemon is asked for the list again afterwards. */
export function doToMemory(state: State, { deed }: Of<'memory-deed'>): Transition {
  const items = state.memories.items.flatMap((memory) => after(memory, deed));
  const decided = deed.kind === 'add' ? undefined : deed.memoryId;
  const next: State = {
    ...state,
    memories: { ...state.memories, items },
    transcript: withoutProposal(state.transcript, decided),
    answers: state.answers.map((answer) => ({ ...answer, entry: decidedEntry(answer.entry, decided) })),
    announcement: words[deed.kind],
  };
  return [next, [{ kind: 'memory', deed }]];
}

/** Where a memory holds, in words: `everywhere`, or the project's name. */
export function scopeLabel({ scope, project }: Pick<Memory, 'scope' | 'project'>): string {
  if (scope === 'profile') return t('everywhere');
  return project?.name ? t('in {0}', project.name) : t('in this project');
}

const words: Record<MemoryDeed['kind'], string> = {
  add: t('Remembered.'),
  accept: t('Remembered.'),
  update: t('Changed.'),
  dismiss: t("Dismissed. It won't be suggested again."),
  delete: t('Forgotten.'),
};

function after(memory: Memory, deed: MemoryDeed): Memory[] {
  if (deed.kind === 'add' || deed.memoryId !== memory.id) return [memory];
  switch (deed.kind) {
    case 'delete':
    case 'dismiss':
      return [];
    case 'accept':
      return [{ ...memory, state: 'accepted', text: deed.text ?? memory.text }];
    case 'update':
      return [
        {
          ...memory,
          text: deed.text ?? memory.text,
          enabled: deed.enabled ?? memory.enabled,
          scope: deed.scope ?? memory.scope,
        },
      ];
  }
}

function withoutProposal(transcript: Transcript, memoryId: string | undefined): Transcript {
  return {
    ...transcript,
    pages: transcript.pages.map((page) => ({
      ...page,
      entries: page.entries.map((entry) => decidedEntry(entry, memoryId)),
    })),
  };
}

function decidedEntry(entry: Entry, memoryId: string | undefined): Entry {
  if (memoryId === undefined || entry.proposal?.id !== memoryId) return entry;
  const { proposal: _decided, ...rest } = entry;
  return rest;
}
