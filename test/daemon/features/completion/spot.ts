// A document with its cursor at `|`.
import type { Spot } from '../../../../daemon/features/completion/typing.ts';

export function spotAt(marked: string, languageId = 'javascript'): Spot {
  const offset = marked.indexOf('|');
  return { uri: 'file:///a.js', languageId, text: marked.replace('|', ''), offset };
}
