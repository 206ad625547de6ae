// Tells a step that the user asked for from one that may have been asked for by what a tool brought: a file, a page, a program's output.
// The rule is about names alone. A step is marked where its command, its address or its longer texts stand in what tools brought, and not
// in the user's own words. An edit is marked only where the file makes something run later: other paths come from listings all the time.
import { withoutHidden } from '../../../../shared/hidden-characters.ts';
import type { CallKind } from '../../../../shared/protocol/agent.ts';
import { cleanMessage } from '../../../base/clean-text.ts';

/** What others wrote, and where it's from: `README.md`, `the output of npm test`. */
export interface Material {
  source: string;
  text: string;
}

interface TaintedCall {
  kind: CallKind;
  /** The call's arguments. */
  given: unknown;
  isDangerous?: boolean | undefined;
}

/** A sentence for the user; undefined where nothing speaks for it. */
export function taintOf(call: TaintedCall, task: string, materials: readonly Material[]): string | undefined {
  const own = plain(task);
  const read = materials.map(({ source, text }) => ({ source, text: plain(text) }));
  for (const name of namesIn(call)) {
    const wanted = plain(name);
    if (wanted === '' || own.includes(wanted)) continue;
    const found = read.findLast(({ text }) => text.includes(wanted));
    if (found)
      return `"${cleanMessage(name, 100)}" appears in ${cleanMessage(found.source, 100)} but not in your task. Check that you want this step.`;
  }
  return undefined;
}

const minTextChars = 12;

function namesIn({ kind, given, isDangerous = false }: TaintedCall): string[] {
  const texts = textsIn(given);
  const hosts = texts.flatMap((text) =>
    [...text.matchAll(/\b(?:https?|wss?|ftp|ssh|git):\/\/([^\s/"'<>)]+)/gi)].map(([, host]) => host ?? ''),
  );
  switch (kind) {
    case 'run':
      return [...commandsIn(given), ...hosts];
    case 'web':
    case 'mcp':
      return [...hosts, ...texts.filter((text) => text.length >= minTextChars)];
    case 'edit':
      return isDangerous ? [...pathIn(given), ...hosts] : [];
    default:
      return [];
  }
}

/** The whole command, its first three words, and a program that is named by its path. */
function commandsIn(given: unknown): string[] {
  const { argv } = (given ?? {}) as { argv?: unknown };
  const words = Array.isArray(argv) ? argv.filter((word) => typeof word === 'string') : [];
  const [program = ''] = words;
  return [
    ...(words.length > 1 ? [words.join(' ')] : []),
    ...(words.length > 3 ? [words.slice(0, 3).join(' ')] : []),
    ...(/[\\/]/.test(program) ? [program.replace(/^\.[\\/]/, '')] : []),
  ];
}

function pathIn(given: unknown): string[] {
  const { path } = (given ?? {}) as { path?: unknown };
  return typeof path === 'string' ? [path] : [];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Quotation marks, white space and case make no difference. */
function plain(text: string): string {
  return withoutHidden(text).normalize('NFKC').replace(/["'`]/g, '').replace(/\s+/g, ' ').trim().toLowerCase();
}
