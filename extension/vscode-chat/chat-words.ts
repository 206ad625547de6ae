// What @switchyard says of findings, hits and decisions, in Markdown. Texts of models, files and chats are escaped, and cut where they
// are long. Pure.
import type { Finding, Severity } from '../../shared/protocol/review.ts';
import type { RecordedDecision } from '../../shared/protocol/router.ts';
import type { SearchHit } from '../../shared/protocol/search.ts';
import { formatUsd } from '../../shared/usd.ts';
import { escapeMarkdown } from '../logic/markdown.ts';

const severityWords: Record<Severity, string> = { error: 'Error', warning: 'Warning', info: 'Note', hint: 'Hint' };
const maxSnippet = 400; // characters

export function findingWords({ severity, message, source, rule }: Finding): string {
  return `**${severityWords[severity]}** · ${line(message)} (${line([source, rule].filter(Boolean).join(' '))})`;
}

const kindWords: Record<SearchHit['kind'], string> = {
  message: 'Chat',
  code: 'Code',
  memory: 'Memory',
  finding: 'Finding',
};

export function hitWords({ kind, title, snippet }: SearchHit): string {
  return `**${kindWords[kind]}** · ${line(title)}  \n${line(snippet.slice(0, maxSnippet))}`;
}

/** Text on one line, of which nothing is Markdown. */
function line(text: string): string {
  return escapeMarkdown(text.replace(/\s+/g, ' ').trim());
}

/** Who answered, why, what else was weighed, and what it took. */
export function decisionWords(decision: RecordedDecision): string {
  const { model, reason, policy, explicit, candidates, complexity, task, tokens, outcome } = decision;
  const asked = [task, complexity, tokens === undefined ? undefined : `about ${tokens} tokens`].filter(Boolean);
  const others = candidates.filter(({ id }) => id !== model).slice(0, 10);
  const facts = [
    explicit ? 'You, or your settings, named this model.' : `Policy: ${policy}.`,
    ...(asked.length > 0 ? [`Request: ${asked.join(', ')}.`] : []),
    ...outcomeWords(outcome),
  ];
  return [
    `**${line(model)}** answered: ${line(reason)}.`,
    facts.map((fact) => `- ${line(fact)}`).join('\n'),
    ...(others.length > 0 ? [`Also considered:\n\n${others.map(candidateWords).join('\n')}`] : []),
  ].join('\n\n');
}

function candidateWords({ id, excluded, score }: RecordedDecision['candidates'][number]): string {
  const why = excluded ?? (score === undefined ? 'not scored' : `score ${score.toFixed(2)}`);
  return `- ${line(id)}: ${line(why)}`;
}

/** What isn't known is not told: an unknown price is not "free". */
function outcomeWords(outcome: RecordedDecision['outcome']): string[] {
  const { cost, durationMs } = outcome ?? {};
  const took = durationMs === undefined ? undefined : `${(durationMs / 1000).toFixed(1)} s`;
  const told = [took, cost === undefined ? undefined : formatUsd(cost)].filter(Boolean);
  return told.length > 0 ? [`It took ${told.join(' and ')}.`] : [];
}
