// What @switchyard says of findings, hits and decisions, in Markdown. Texts of models, files and chats are escaped, and cut where they
// are long. Pure.
import type { Finding, Severity } from '../../shared/protocol/review.ts';
import type { RecordedDecision } from '../../shared/protocol/router.ts';
import type { SearchHit } from '../../shared/protocol/search.ts';
import { formatUsd } from '../../shared/usd.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';
import { escapeMarkdown } from '../logic/markdown.ts';

const severityWords: Record<Severity, string> = { error: 'Error', warning: 'Warning', info: 'Note', hint: 'Hint' };
const maxSnippet = 400; // characters

export function findingWords({ severity, message, source, rule }: Finding, t: Translate = inEnglish): string {
  return `**${t(severityWords[severity])}** · ${line(message)} (${line([source, rule].filter(Boolean).join(' '))})`;
}

const kindWords: Record<SearchHit['kind'], string> = {
  message: 'Chat',
  code: 'Code',
  memory: 'Memory',
  finding: 'Finding',
};

export function hitWords({ kind, title, snippet }: SearchHit, t: Translate = inEnglish): string {
  return `**${t(kindWords[kind])}** · ${line(title)}  \n${line(snippet.slice(0, maxSnippet))}`;
}

/** Text on one line, of which nothing is Markdown. */
function line(text: string): string {
  return escapeMarkdown(text.replace(/\s+/g, ' ').trim());
}

/** Who answered, why, what else was weighed, and what it took. */
export function decisionWords(decision: RecordedDecision, t: Translate = inEnglish): string {
  const { model, reason, policy, explicit, candidates, complexity, task, tokens, outcome } = decision;
  const asked = [task, complexity, tokens === undefined ? undefined : t('about {0} tokens', tokens)].filter(Boolean);
  const others = candidates.filter(({ id }) => id !== model).slice(0, 10);
  const facts = [
    explicit ? t('You, or your settings, named this model.') : t('Policy: {0}.', policy),
    ...(asked.length > 0 ? [t('Request: {0}.', asked.join(', '))] : []),
    ...outcomeWords(outcome, t),
  ];
  return [
    t('**{0}** answered: {1}.', line(model), line(reason)),
    facts.map((fact) => `- ${line(fact)}`).join('\n'),
    ...(others.length > 0
      ? [`${t('Also considered:')}\n\n${others.map((other) => candidateWords(other, t)).join('\n')}`]
      : []),
  ].join('\n\n');
}

function candidateWords({ id, excluded, score }: RecordedDecision['candidates'][number], t: Translate): string {
  const why = excluded ?? (score === undefined ? t('not scored') : t('score {0}', score.toFixed(2)));
  return `- ${line(id)}: ${line(why)}`;
}

/** What isn't known is not told: an unknown price is not "free". */
function outcomeWords(outcome: RecordedDecision['outcome'], t: Translate): string[] {
  const { cost, durationMs } = outcome ?? {};
  const told = [
    ...(durationMs === undefined ? [] : [`${(durationMs / 1000).toFixed(1)} s`]),
    ...(cost === undefined ? [] : [formatUsd(cost)]),
  ];
  const [first, second] = told;
  if (first === undefined) return [];
  return [second === undefined ? t('It took {0}.', first) : t('It took {0} and {1}.', first, second)];
}
