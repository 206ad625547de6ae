// Domain -> wire for what is heard of an edit while a model writes it: the text as it comes, and its end as progress.
import type * as z from 'zod';
import type { CodePart } from '../../shared/protocol/code.ts';
import type { EditListeners } from '../features/pipeline/rewrite.ts';

const maxReportedChars = 60;

export function editListeners(
  emit: (part: z.infer<typeof CodePart>) => void,
  progress: { report(message: string): void },
): Required<EditListeners> {
  return {
    onText(text) {
      emit({ kind: 'text', text });
      progress.report(text.trim().slice(-maxReportedChars));
    },
    onThought: () => emit({ kind: 'thought' }),
    onPlace: (place) => emit({ kind: 'place', ...place }),
    onFormat: (format, why) => emit({ kind: 'format', format, why }),
  };
}
