// Chunks along the syntax tree: a function or type with the comment above it is one; a class that is too large for one is cut into
// its members, each with the class's head as context; what stands between is gathered into windows.
import type { Node } from '@vscode/tree-sitter-wasm';
import { type Chunk, type ChunkKind, maxChunkCharacters, maxChunkLines } from './chunk.ts';
import type { Language } from './languages.ts';
import { windows } from './windows.ts';

const maxDepth = 6; // modules in modules in classes: deeper ones are cut like any large unit

const fewestUnitLines = 3; // constants and aliases of a line or two say more together

interface Place {
  /** Names of the containers around it. */
  path: readonly string[];
  context: string;
}

/** What is seen of a node; each look at one crosses into WebAssembly, so it is taken once. */
interface Seen {
  node: Node;
  role: 'unit' | 'container' | 'comment' | 'other';
  /** The unit or container itself, without what wraps it. */
  inner: Node;
  startLine: number;
  /** Not part of it. */
  endLine: number;
}

/** Chunks in the order of the lines; every line is in at most one of them. */
export function syntaxChunks(root: Node, lines: readonly string[], language: Language): Chunk[] {
  return cutRange(root, { startLine: 0, endLine: lines.length }, { lines, language, place: { path: [], context: '' } });
}

interface CutState {
  lines: readonly string[];
  language: Language;
  place: Place;
}

/** The children of a node, with the lines between `startLine` and `endLine` that belong to none of them. */
function cutRange(
  parent: Node,
  { startLine, endLine }: { startLine: number; endLine: number },
  cutting: CutState,
): Chunk[] {
  const { lines, place } = cutting;
  const chunks: Chunk[] = [];
  let looseFrom = startLine; // where the lines begin that are in no chunk yet
  let commentFrom: number | undefined;
  const flush = (until: number): void => {
    if (until > looseFrom)
      chunks.push(
        ...windows(lines, {
          startLine: looseFrom,
          endLine: until,
          kind: place.path.length > 0 ? 'class' : 'module',
          symbol: place.path.join('.'),
          context: place.context,
        }),
      );
  };
  let previousEnd = startLine;
  for (const seen of look(parent, cutting.language)) {
    if (seen.startLine < looseFrom) continue; // several on one line: the first takes the line
    if (seen.role === 'comment') {
      commentFrom = commentFrom !== undefined && seen.startLine <= previousEnd ? commentFrom : seen.startLine;
    } else if (seen.role === 'other') {
      commentFrom = undefined;
    } else {
      const from = commentFrom !== undefined && previousEnd >= seen.startLine ? commentFrom : seen.startLine;
      flush(from);
      chunks.push(...cutUnit(seen, from, cutting));
      looseFrom = Math.min(seen.endLine, endLine);
      commentFrom = undefined;
    }
    previousEnd = seen.endLine;
  }
  flush(endLine);
  return chunks;
}

function look(parent: Node, { units, containers, wrappers = [] }: Language): Seen[] {
  return parent.namedChildren.flatMap((node): Seen[] => {
    if (!node) return [];
    const inner = wrappers.includes(node.type)
      ? (node.namedChildren.findLast((child) => child && [...units, ...containers].includes(child.type)) ?? node)
      : node;
    const { row, column } = node.endPosition;
    const startLine = node.startPosition.row;
    const endLine = column === 0 ? row : row + 1;
    const isUnit = units.includes(inner.type) && endLine - startLine >= fewestUnitLines;
    const role = isUnit
      ? 'unit'
      : containers.includes(inner.type)
        ? 'container'
        : inner.type.includes('comment')
          ? 'comment'
          : 'other';
    return [{ node, role, inner, startLine, endLine }];
  });
}

function cutUnit({ inner, role, endLine }: Seen, startLine: number, cutting: CutState): Chunk[] {
  const { lines, place } = cutting;
  const path = [...place.path, nameOf(inner)].filter((name) => name !== '');
  const symbol = path.join('.');
  const kind = kindOf(inner.type);
  const text = lines.slice(startLine, endLine).join('\n');
  if (text.length <= maxChunkCharacters && endLine - startLine <= maxChunkLines)
    return [{ kind, symbol, startLine, endLine, text, context: place.context }];
  const body = role === 'container' && path.length < maxDepth ? bodyOf(inner) : undefined;
  const head = headOf(lines, inner);
  const context = [place.context, head].filter((line) => line !== '').join('\n');
  if (body) return cutRange(body, { startLine, endLine }, { ...cutting, place: { path, context } });
  const [first, ...rest] = windows(lines, { startLine, endLine, kind, symbol, context: place.context });
  return first ? [first, ...rest.map((chunk) => ({ ...chunk, context }))] : [];
}

function bodyOf(node: Node): Node | undefined {
  return (
    node.childForFieldName('body') ??
    node.namedChildren.find((child) => child && /body|block|declaration_list/.test(child.type)) ??
    undefined
  );
}

const maxHeadCharacters = 200;

/** The line that names a unit, such as `class Router implements Routing {`. */
function headOf(lines: readonly string[], node: Node): string {
  const name = node.childForFieldName('name') ?? node.childForFieldName('type') ?? node;
  return (lines[name.startPosition.row] ?? '').trim().slice(0, maxHeadCharacters).toWellFormed();
}

const maxNameCharacters = 120;

function nameOf(node: Node): string {
  const named = node.childForFieldName('name') ?? declaredName(node) ?? node.childForFieldName('type');
  return (named?.text ?? '').replace(/\s+/g, ' ').slice(0, maxNameCharacters).toWellFormed();
}

const declarators = 8; // pointers to functions that return pointers …

/** Where the name stands deeper: `const name = …`, `type name struct`, `int *name(…)`. */
function declaredName(node: Node): Node | undefined {
  const child = node.namedChildren.find((candidate) => candidate && /_declarator$|_spec$/.test(candidate.type));
  const direct = child?.childForFieldName('name');
  if (direct) return direct;
  let at = node.childForFieldName('declarator');
  for (let depth = 0; at && depth < declarators; depth++) {
    const next = at.childForFieldName('declarator');
    if (!next) return at;
    at = next;
  }
  return undefined;
}

function kindOf(type: string): ChunkKind {
  if (/class|struct|impl|trait|record|object/.test(type)) return 'class';
  if (/interface|type|enum|union/.test(type)) return 'type';
  if (/module|namespace|mod_item/.test(type)) return 'module';
  return 'function';
}
