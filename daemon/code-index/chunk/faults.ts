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
      faults.push(faultsBelow(tree.rootNode));
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

function faultsOfJson(text: string): SyntaxFaults {
  try {
    JSON.parse(text);
    return { count: 0, characters: 0 };
  } catch {
    return { count: 1, characters: 0 };
  }
}
