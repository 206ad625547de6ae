// Domain -> wire for what is heard of an edit while a model writes it.
import type * as z from 'zod';
import type { CodePart } from '../../shared/protocol/code.ts';
import type { EditListeners } from '../features/pipeline/rewrite.ts';

export function editListeners(emit: (part: z.infer<typeof CodePart>) => void): Required<EditListeners> {
  return {
    onText: (text) => emit({ kind: 'text', text }),
    onThought: () => emit({ kind: 'thought' }),
    onPlace: (place) => emit({ kind: 'place', ...place }),
    onFormat: (format, why) => emit({ kind: 'format', format, why }),
  };
}
