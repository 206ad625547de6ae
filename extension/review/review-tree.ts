// The rows of the Review view: what was found, what is solved, what isn't shown and why, and who looked at what. Pure.
import type { AppliedRules, Finding, HeldFinding, ReviewCoverage, Severity } from '../../shared/protocol/review.ts';
import { coverageLines, furtherNotes, heldReasons, ruleLines } from '../../shared/review-words.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';
import { escapeMarkdown, findingMarkdown } from '../logic/markdown.ts';
import { byPlace, bySeverity } from './finding-order.ts';
import type { ReviewedThing } from './subject.ts';

export const groupings = ['file', 'severity', 'state'] as const;
export type Grouping = (typeof groupings)[number];

/** What is known of the last review beside the findings that are open. */
export interface LastReview {
  /** Absent where it can't be run again. */
  thing?: ReviewedThing | undefined;
  summary: string;
  solved: readonly Finding[];
  held: readonly HeldFinding[];
  coverage: readonly ReviewCoverage[];
  /** Files of the project whose rules were applied. Absent where that is not known. */
  rules?: readonly AppliedRules[];
  /** What the user should know of it, such as that the code holds text that reads like instructions. */
  notes?: readonly string[];
}

export interface ReviewTreeState {
  open: readonly Finding[];
  last: LastReview | undefined;
  grouping: Grouping;
  /** How a file is called, from the workspace's folder. */
  nameOf: NameOf;
}

type NameOf = (uri: string) => string;

/** The language of the rows, and how their files are called where a row has to say its file. */
interface RowWords {
  t: Translate;
  nameOf?: NameOf;
}

/** A row. Its `id` stays the same as long as it is about the same thing. */
export interface ReviewRow {
  id: string;
  label: string;
  description?: string;
  /** Markdown. */
  tooltip?: string;
  /** Of a codicon, and its color of the theme. */
  icon?: string;
  color?: string;
  /** Words by which package.json offers commands: `finding suggested`. */
  context: string;
  /** Of a file's row: it has the file's icon. */
  uri?: string;
  finding?: Finding;
  isExpanded?: boolean;
  children: ReviewRow[];
}

export function reviewTree({ open, last, grouping, nameOf }: ReviewTreeState, t: Translate = inEnglish): ReviewRow[] {
  const words = { t, nameOf };
  const rows = {
    file: () => fileRows(open, words),
    severity: () => groupRows(open, severityGroups, (finding) => finding.severity, words),
    state: () => groupRows(open, stateGroups, (finding) => finding.state ?? 'earlier', words),
  }[grouping]();
  return [
    ...rows,
    ...group('solved', t('Solved since the last review'), {
      rows: (last?.solved ?? []).map((finding) => findingRow('solved', finding, words)),
      isExpanded: grouping === 'state',
    }),
    ...group('held', t('Not shown'), { rows: (last?.held ?? []).map((held) => heldRow(held, words)) }),
    ...coverageRows(last, t),
  ];
}

function fileRows(open: readonly Finding[], { t, nameOf }: Required<RowWords>): ReviewRow[] {
  const files = Map.groupBy(open.toSorted(byPlace), ({ uri }) => uri);
  return [...files].map(([uri, own]) => {
    const path = nameOf(uri).split('/');
    return {
      id: `file:${uri}`,
      label: path.at(-1) ?? uri,
      description: [path.slice(0, -1).join('/'), String(own.length)].filter(Boolean).join(' · '),
      context: 'file',
      uri,
      isExpanded: true,
      children: own.map((finding) => findingRow('open', finding, { t })),
    };
  });
}

const severityGroups: readonly (readonly [Severity, string])[] = [
  ['error', 'Errors'],
  ['warning', 'Warnings'],
  ['info', 'Notes'],
  ['hint', 'Hints'],
];
const stateGroups: readonly (readonly [string, string])[] = [
  ['new', 'New'],
  ['still', 'Still there'],
  ['earlier', 'From earlier reviews'],
];

function groupRows(
  open: readonly Finding[],
  names: readonly (readonly [string, string])[],
  of: (finding: Finding) => string,
  words: RowWords,
): ReviewRow[] {
  return names.flatMap(([name, label]) => {
    const own = open.filter((finding) => of(finding) === name).toSorted(bySeverity);
    const rows = own.map((finding) => findingRow('open', finding, words));
    return group(name, words.t(label), { rows, isExpanded: true });
  });
}

/** None where it would be empty. */
function group(
  name: string,
  label: string,
  { rows, isExpanded = false }: { rows: ReviewRow[]; isExpanded?: boolean },
): ReviewRow[] {
  if (rows.length === 0) return [];
  return [
    { id: `group:${name}`, label, description: String(rows.length), context: 'group', isExpanded, children: rows },
  ];
}

const severityIcons: Readonly<Record<Severity, readonly [icon: string, color?: string]>> = {
  error: ['error', 'problemsErrorIcon.foreground'],
  warning: ['warning', 'problemsWarningIcon.foreground'],
  info: ['info', 'problemsInfoIcon.foreground'],
  hint: ['lightbulb'],
};

function findingRow(place: 'open' | 'solved', finding: Finding, words: RowWords): ReviewRow {
  const { id, message, severity, source, rule, state, replacement } = finding;
  const isSolved = place === 'solved';
  const [icon, color] = isSolved ? ['pass', 'testing.iconPassed'] : severityIcons[severity];
  const who = rule === undefined ? source : `${source} ${rule}`;
  const where = placeWords(finding, words);
  const facts = [where, who, state === 'still' ? words.t('still there') : ''];
  return {
    id: `${place}:${id}`,
    label: oneLine(message),
    description: facts.filter(Boolean).join(' · '),
    tooltip: `**${escapeMarkdown(where)}**\n\n${findingMarkdown(finding)}`, // a narrow view cuts the description
    icon,
    ...(color !== undefined && { color }),
    context: isSolved ? 'solved' : `finding${replacement === undefined ? '' : ' suggested'}`,
    finding,
    children: [],
  };
}

function heldRow({ finding, reason, detail }: HeldFinding, words: RowWords): ReviewRow {
  const why = words.t(heldReasons[reason]);
  return {
    id: `held:${finding.id}`,
    label: oneLine(finding.message),
    description: `${why} · ${placeWords(finding, words)}`,
    tooltip: [`**${escapeMarkdown(detail ?? why)}**`, findingMarkdown(finding)].join('\n\n'),
    icon: 'eye-closed',
    context: `held ${reason}`,
    finding,
    children: [],
  };
}

const coverageIcons: readonly (readonly [icon: string, states: readonly ReviewCoverage['state'][]])[] = [
  ['warning', ['failed', 'untrusted', 'partly']],
  ['circle-slash', ['left-out']],
  ['check', ['read']],
];

/** The last group. What nothing has looked at comes first in it. */
function coverageRows(
  { coverage, rules = [], notes = [] }: Pick<LastReview, 'coverage' | 'rules' | 'notes'> = { coverage: [] },
  t: Translate,
): ReviewRow[] {
  const looks = coverageIcons.flatMap(([icon, states]) =>
    coverageLines(
      coverage.filter(({ state }) => states.includes(state)),
      t,
    ).map((line) => coverageRow(line, icon)),
  );
  const missing = looks.filter(({ icon }) => icon !== 'check').length;
  const rows = [
    ...looks,
    ...ruleLines(rules, t).map((line) => coverageRow(line, 'law')),
    ...furtherNotes(notes, coverage).map((note) => coverageRow(oneLine(note), 'info')),
  ];
  const [whole] = group('coverage', t('What was checked'), {
    rows,
    isExpanded: rows.some(({ icon }) => icon === 'warning'),
  });
  return whole ? [{ ...whole, description: missing > 0 ? t('{0} not checked', missing) : '' }] : [];
}

function coverageRow(line: string, icon: string): ReviewRow {
  return {
    id: `coverage:${line}`,
    label: line,
    tooltip: escapeMarkdown(line),
    icon,
    context: 'coverage',
    children: [],
  };
}

function placeWords({ uri, range }: Finding, { t, nameOf }: RowWords): string {
  const line = range.start.line + 1;
  return nameOf ? `${nameOf(uri).split('/').at(-1) ?? uri}:${line}` : t('line {0}', line);
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim();
}
