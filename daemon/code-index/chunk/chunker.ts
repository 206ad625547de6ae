// A file cut into chunks: along its syntax where that is understood, else into windows.
import type { Chunk } from './chunk.ts';
import type { Language } from './languages.ts';
import type { Parsers } from './parsers.ts';
import { syntaxChunks } from './syntax.ts';
import { windows } from './windows.ts';

/** Chunks in the file's order; together they hold every line that is not blank. A file that cannot be parsed is cut into windows. */
export async function chunksOf(
  text: string,
  { syntax, parsers }: { syntax?: Language | undefined; parsers: Parsers },
): Promise<Chunk[]> {
  const lines = text.split(/\r\n|\n|\r/);
  const parser = syntax && (await parsers.of(syntax.grammar));
  const tree = parser?.parse(lines.join('\n'));
  if (!syntax || !tree) return windows(lines, { startLine: 0, endLine: lines.length });
  try {
    return syntaxChunks(tree.rootNode, lines, syntax);
  } finally {
    tree.delete();
  }
}
