// A reviewer, refuter and judge by script, as noisy as they are said to be, that know the corpus: seeded, so that each run is the same.
import type { FlawClass, ReviewCase } from '../../../daemon/cli/eval/review-corpus.ts';
import { isOnFlaw } from '../../../daemon/cli/eval/review-scores.ts';
import type { PanelModel } from '../../../daemon/features/pipeline/panel/panel-prompt.ts';
import type { StreamPart } from '../../../daemon/models/providers/provider.ts';
import { createRandom } from '../../../daemon/models/router/learn/random.ts';

export interface Noise {
  /** Of the flaws, those that one reading finds. */
  recall: number;
  /** In each reading of each file; a fraction is how often there is one more. */
  falseAlarms: number;
  /** How often the refuter says which of a claim: what is left of 1 is that it cannot tell. */
  ofTrue: { stands: number; refuted: number };
  ofFalse: { stands: number; refuted: number; refutedWithoutEvidence: number };
  /** Of the judge's answers, those that are no JSON. */
  brokenJudgements: number;
}

/** One reading finds two flaws of five and makes two false alarms; who checks it reads the code well, and is no oracle. */
export const noisy: Noise = {
  recall: 0.4,
  falseAlarms: 2,
  ofTrue: { stands: 0.9, refuted: 0.04 },
  ofFalse: { stands: 0.02, refuted: 0.85, refutedWithoutEvidence: 0.08 },
  brokenJudgements: 0.05,
};

/** A better reviewer: it finds three flaws of five, and has something to say against one file of three for no reason. */
export const careful: Noise = { ...noisy, recall: 0.6, falseAlarms: 0.34 };

/** What is said of one thing, in other words while the user decides than when it is measured. */
interface Remark {
  category: string;
  says: Readonly<Record<Wording, readonly string[]>>;
}

type Wording = 'lesson' | 'measured';

const truths: Readonly<Record<FlawClass, Remark>> = {
  null: remark('null', ['Fails when there is no such value.'], ['Throws where nothing is found.']),
  bounds: remark('bounds', ['Off by one at the border.'], ['Misses the last element, or reads beyond it.']),
  leak: remark('leak', ['Is never released, so it leaks.'], ['Stays open when this returns.']),
  async: remark('race', ["Two callers at once get in each other's way."], ['Nobody waits for this to end.']),
  security: remark('security', ['Text of a stranger is run here.'], ['An attacker chooses this value.']),
  logic: remark('correctness', ['Gives the wrong result.'], ['Reports success where it failed.']),
};

/** What noisy reviewers say about good code, in the words of public complaints about them. Of the last two the user has seen nothing. */
const alarms: readonly Remark[] = [
  remark('naming', ['The name could be more descriptive.'], ['Consider a clearer name for this variable.']),
  remark('documentation', ['Add a doc comment to this function.'], ['This function lacks documentation.']),
  remark('style', ['Use a named constant instead of this literal.'], ['Avoid magic values, extract a constant.']),
  remark('testing', ['There is no test for this.'], ['Consider adding a unit test for this case.']),
  remark('logging', ['Log the error before returning.'], ['Consider adding a log message here.']),
  remark('validation', ['Validate the arguments first.'], ['The input should be validated before use.']),
  remark('null', ['This may be null at run time.'], ['Possible null value.']),
  remark('performance', ['This may be slow for large inputs.'], ['Consider a more efficient algorithm.']),
  remark('types', [], ['This conversion may lose precision.']),
  remark('portability', [], ['This may behave differently on Windows.']),
];

function remark(category: string, lesson: readonly string[], measured: readonly string[]): Remark {
  return { category, says: { lesson, measured } };
}

export interface ScriptedPanel extends PanelModel {
  /** In which words it speaks. */
  wording: Wording;
}

export function noisyModel(corpus: readonly ReviewCase[], noise: Noise, seed: number): ScriptedPanel {
  const random = createRandom(seed);
  const byFile = new Map(corpus.map((change) => [change.fileName, change]));
  return {
    wording: 'measured',
    id: 'script/noisy',
    info: { name: 'noisy', contextTokens: 32_768, capabilities: { chat: true }, source: 'config' },
    async *stream({ messages, jsonSchema }): AsyncGenerator<StreamPart> {
      const asked = messages.at(-1)?.content ?? '';
      const change = byFile.get(/^File (\S+) \(/.exec(String(asked))?.[1] ?? '');
      if (!change) throw new Error(`no change of the corpus: ${String(asked).slice(0, 80)}`);
      const wanted = jsonSchema?.name ?? '';
      const answer =
        wanted === 'findings'
          ? { findings: claimsAbout(change, noise, { random, wording: this.wording }) }
          : wanted === 'verdicts'
            ? { verdicts: verdictsOn(String(asked), change, { noise, random }) }
            : judgementOn(String(asked), noise, random);
      yield { kind: 'text', text: typeof answer === 'string' ? answer : JSON.stringify(answer) };
      yield { kind: 'finish', reason: 'stop' };
    },
  };
}

interface Draw {
  random: () => number;
  wording: Wording;
}

function claimsAbout(change: ReviewCase, noise: Noise, draw: Draw): object[] {
  const { random, wording } = draw;
  const lines = change.text.split('\n');
  const claims: object[] = [];
  const wrong = change.flawedLines[Math.floor(random() * change.flawedLines.length)];
  if (change.flaw && wrong !== undefined && random() < noise.recall)
    claims.push(
      claimAt(wrong, lines, { ...truths[change.flaw], severity: random() < 0.6 ? 'error' : 'warning' }, draw),
    );
  const quotable = lines.flatMap((line, at) =>
    line.trim().length >= 6 && !change.flawedLines.includes(at) ? [at] : [],
  );
  for (let left = noise.falseAlarms; left > 0; left--) {
    if (left < 1 && random() >= left) break;
    const line = quotable[Math.floor(random() * quotable.length)];
    const known = alarms.filter(({ says }) => says[wording].length > 0);
    const alarm = known[Math.floor(random() * known.length)];
    if (line === undefined || !alarm) continue;
    claims.push(claimAt(line, lines, { ...alarm, severity: random() < 0.3 ? 'error' : 'warning' }, draw));
  }
  return claims;
}

function claimAt(
  line: number,
  lines: readonly string[],
  { category, says, severity }: Remark & { severity: string },
  { random, wording }: Draw,
): object {
  const message = says[wording][Math.floor(random() * says[wording].length)] ?? '';
  const confidence = Math.round((0.5 + random() / 2) * 100) / 100; // as sure of the false as of the true
  return { line: line + 1, quote: lines[line]?.trim(), severity, category, message, replacement: null, confidence };
}

function verdictsOn(
  asked: string,
  change: ReviewCase,
  { noise, random }: { noise: Noise; random: () => number },
): object[] {
  const lines = change.text.split('\n').filter((line) => line.trim().length >= 8);
  return claimsIn(asked).map(({ claim, line, message }) => {
    const rates = isTrue({ line, message }, change) ? { ...noise.ofTrue, refutedWithoutEvidence: 0 } : noise.ofFalse;
    const quote = lines[Math.floor(random() * lines.length)] ?? '';
    const drawn = random();
    const to = (limit: number): boolean => drawn < limit;
    const reason = 'As the code there shows.';
    if (to(rates.stands)) return { claim, reason, quote, verdict: 'stands' };
    if (to(rates.stands + rates.refuted)) return { claim, reason, quote, verdict: 'refuted' };
    if (to(rates.stands + rates.refuted + rates.refutedWithoutEvidence))
      return { claim, reason, quote: 'if (isAlreadyHandled) return;', verdict: 'refuted' };
    return { claim, reason: '', quote: '', verdict: 'unsure' };
  });
}

function judgementOn(asked: string, noise: Noise, random: () => number): object | string {
  if (random() < noise.brokenJudgements) return 'All of these look good to me, approved!';
  const findings = claimsIn(asked).map(({ claim }) => ({ claim, duplicateOf: null, score: random() }));
  return { findings, conflicts: [], confidence: random() };
}

function claimsIn(asked: string): { claim: number; line: number; message: string }[] {
  return [...asked.matchAll(/^(\d+)\. line (\d+), \w+, [^:]+: (.*)$/gm)].map(([, claim, line, message]) => ({
    claim: Number(claim),
    line: Number(line) - 1,
    message: message ?? '',
  }));
}

/** Whether a claim names what is wrong where it is wrong. */
export function isTrue({ line, message }: { line: number; message: string }, change: ReviewCase): boolean {
  const at = { start: { line }, end: { line, character: 1 } };
  if (!change.flaw || !isOnFlaw({ range: at, evidence: '' }, change)) return false;
  return Object.values(truths[change.flaw].says).flat().includes(message);
}
