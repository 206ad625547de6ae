// The words in which models weigh what they claim, read into the product's own: severity, confidence, kind of flaw. Pure.
import type { Severity } from '../types.ts';

/** TABLE of the words for each severity, as models and other tools use them. */
const severityWords: Readonly<Record<Severity, readonly string[]>> = {
  error: [
    ...['error', 'err', 'critical', 'crit', 'high', 'highest', 'blocker', 'blocking', 'major', 'severe', 'fatal'],
    ...['serious', 'urgent', 'danger', 'dangerous', 'bug', 'security', 'vulnerability', 'emergency', 'alert'],
    ...['p0', 'p1', 's0', 's1', 'sev0', 'sev1'],
  ],
  warning: ['warning', 'warn', 'medium', 'moderate', 'normal', 'important', 'p2', 's2', 'sev2'],
  info: ['info', 'information', 'informational', 'note', 'notice', 'low', 'minor', 'p3', 's3', 'sev3'],
  hint: [
    ...['hint', 'style', 'nit', 'nitpick', 'trivial', 'suggestion', 'cosmetic', 'optional', 'refactor', 'convention'],
    ...['lowest', 'negligible', 'p4', 's4', 'sev4'],
  ],
};
const severityOf = new Map(
  Object.entries(severityWords).flatMap(([severity, words]) => words.map((word) => [word, severity as Severity])),
);
/** The worst first, as LSP numbers them from one. */
export const severities: readonly Severity[] = ['error', 'warning', 'info', 'hint'];

/** The severity that the first known word names, in any case; `warning` where none does. */
export function severityFrom(value: unknown): Severity {
  if (typeof value === 'number') return severities[value - 1] ?? 'warning';
  for (const word of wordsIn(value)) {
    const severity = severityOf.get(word);
    if (severity) return severity;
  }
  return 'warning';
}

const unstatedConfidence = 0.5;
const confidenceWords = new Map([
  ...['certain', 'sure', 'high'].map((word) => [word, 0.9] as const),
  ...['likely', 'medium', 'moderate'].map((word) => [word, 0.6] as const),
  ...['unlikely', 'unsure', 'low'].map((word) => [word, 0.1] as const),
]);

/** A probability, 0 to 1: a fraction, a percentage, or a word. */
export function confidenceFrom(value: unknown): number {
  const text = typeof value === 'string' ? value.trim() : '';
  const number = typeof value === 'number' ? value : text === '' ? Number.NaN : Number(text.replace(/\s*%$/, ''));
  if (!Number.isFinite(number)) {
    const word = wordsIn(value).find((known) => confidenceWords.has(known));
    return confidenceWords.get(word ?? '') ?? unstatedConfidence;
  }
  const fraction = text.endsWith('%') || number > 1 ? number / 100 : number;
  return Math.min(1, Math.max(0, fraction));
}

/** TABLE of the kinds of flaws. A model names one kind now this way, now that way. */
const kindWords: Readonly<Record<string, readonly string[]>> = {
  security: ['security', 'vulnerability', 'injection', 'xss', 'sql', 'secret', 'secrets', 'auth', 'crypto'],
  performance: ['performance', 'perf', 'efficiency', 'speed', 'complexity'],
  concurrency: ['concurrency', 'race', 'races', 'deadlock', 'threading', 'async'],
  resources: ['leak', 'leaks', 'resource', 'resources', 'memory'],
  style: [
    ...['style', 'naming', 'readability', 'maintainability', 'formatting', 'documentation', 'docs', 'convention'],
    ...['cleanup', 'simplification', 'typo'],
  ],
};
const kindOfWord = new Map(
  Object.entries(kindWords).flatMap(([kind, words]) => words.map((word) => [word, kind] as const)),
);

/** The kind of flaw that a category names; what names none of the others is about correctness. */
export function flawKind(category: string): string {
  return wordsIn(category).flatMap((word) => kindOfWord.get(word) ?? [])[0] ?? 'correctness';
}

function wordsIn(value: unknown): string[] {
  return typeof value === 'string' ? (value.toLowerCase().match(/[a-z]+\d?/g) ?? []) : [];
}
