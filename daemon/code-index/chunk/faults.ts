// How far a text is from parsing: what tree-sitter could not make sense of in it.
import type { Node } from '@vscode/tree-sitter-wasm';
import { languageOf, languages } from './languages.ts';
import type { Parsers } from './parsers.ts';

/** A text of no faults parses. */
export interface SyntaxFaults {
  count: number;
  /** Characters that belong to no valid syntax. */
  characters: number;
}

export interface SyntaxRequest {
  uri: string;
  languageId: string;
  /** Versions of one document. */
  texts: readonly string[];
}

const alsoJavaScript = 'javascriptreact'; // editors' name for .jsx, which the grammar of JavaScript reads

/** One answer a text, in their order; undefined where the language has no parser here. */
export async function faultsIn(
  { uri, languageId, texts }: SyntaxRequest,
  parsers: Parsers,
): Promise<SyntaxFaults[] | undefined> {
  if (languageId === 'json') return texts.map(faultsOfJson);
  const grammar = grammarOf(languageId, uri);
  const parser = grammar === undefined ? undefined : await parsers.of(grammar);
  if (!parser) return undefined;
  const faults: SyntaxFaults[] = [];
  for (const text of texts) {
    const tree = parser.parse(text);
    if (!tree) return undefined;
    try {
      const { count, characters } = faultsBelow(tree.rootNode);
      faults.push({ count: count + (grammar === 'python' ? strayIndents(tree.rootNode) : 0), characters });
    } finally {
      tree.delete();
    }
  }
  return faults;
}

function grammarOf(languageId: string, uri: string): string | undefined {
  const id = languageId === alsoJavaScript ? 'javascript' : languageId;
  const named = languages.find((language) => language.id === id);
  if (named) return named.grammar;
  return id === '' || id === 'plaintext' ? languageOf(uri)?.syntax?.grammar : undefined;
}

function faultsBelow(node: Node): SyntaxFaults {
  if (node.isMissing) return { count: 1, characters: 0 };
  if (!node.hasError) return { count: 0, characters: 0 };
  const own = node.isError ? { count: 1, characters: node.endIndex - node.startIndex } : { count: 0, characters: 0 };
  for (const child of node.children) {
    if (!child) continue;
    const { count, characters } = faultsBelow(child);
    own.count += count;
    if (!node.isError) own.characters += characters; // those of an error are counted with it
  }
  return own;
}

/** Python's grammar here takes a statement at any depth; Python does not. */
function strayIndents(root: Node): number {
  const bodies = [root, ...root.descendantsOfType('block')];
  let count = 0;
  for (const body of bodies) {
    const statements = body?.namedChildren.filter((child) => child && child.type !== 'comment') ?? [];
    const column = statements[0]?.startPosition.column;
    let row = -1; // several statements may share a line
    for (const statement of statements) {
      if (!statement) continue;
      if (statement.startPosition.row !== row && statement.startPosition.column !== column) count++;
      row = statement.endPosition.row;
    }
  }
  return count;
}

function faultsOfJson(text: string): SyntaxFaults {
  try {
    JSON.parse(text);
    return { count: 0, characters: 0 };
  } catch {
    return { count: 1, characters: 0 };
  }
}
