// Reviews of known changes with scripted noisy models: what voting, refuting and what was learned from dismissals are good for. The words
// differ between what the user has decided on and what is measured. `switchyard eval review` measures real models.
//   review [--seeds N] [--json]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readReviewCorpus } from '../../../daemon/cli/eval/review-corpus.ts';
import type { ReviewScores } from '../../../daemon/cli/eval/review-scores.ts';
import { loadEmbedder } from '../retrieval/embedder.ts';
import { climb, type Embed, heldOut, type Ladder, rungs } from './ladder.ts';
import { careful, type Noise, noisy, noisyModel } from './noisy-model.ts';

const corpusFolder = fileURLToPath(new URL('../../../media/eval/review', import.meta.url));
const scripts: Readonly<Record<string, Noise>> = { noisy, careful };
const shown = ['precision', 'recall', 'lineAccuracy', 'exact', 'silent', 'per100Lines'] as const;

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { seeds: { type: 'string', default: '5' }, json: { type: 'boolean' } },
  });
  const seeds = Array.from({ length: Number(values.seeds) || 1 }, (_, index) => index + 1);
  const loaded = await loadEmbedder();
  if ('note' in loaded) process.stderr.write(`${loaded.note}\n`);
  const signal = new AbortController().signal;
  const embed: Embed | undefined = 'note' in loaded ? undefined : (texts) => loaded.embedder.embed(texts, { signal });
  const figures = await measure(seeds, embed);
  if (!('note' in loaded)) await loaded[Symbol.asyncDispose]();
  for (const [name, byRung] of Object.entries(figures)) process.stderr.write(`\n${name}\n${tableOf(byRung)}`);
  if (values.json)
    process.stdout.write(`${JSON.stringify({ seeds: seeds.length, noise: scripts, figures }, null, 2)}\n`);
  return 0;
}

type Figures = Record<string, Record<(typeof shown)[number], number>>;

/** The mean of all seeds, by script and passes, and by step. */
async function measure(seeds: readonly number[], embed: Embed | undefined): Promise<Record<string, Figures>> {
  const corpus = heldOut(readReviewCorpus(corpusFolder));
  const figures: Record<string, Figures> = {};
  for (const [name, noise] of Object.entries(scripts))
    for (const passes of [1, 3]) {
      const ladders: Ladder[] = [];
      for (const seed of seeds)
        ladders.push(await climb(corpus, { model: noisyModel(corpus, noise, seed), passes, ...(embed && { embed }) }));
      const byRung = rungs.map((rung) => [rung, meanOf(ladders.map(({ scores }) => scores[rung]))] as const);
      figures[`${name} model, ${passes} ${passes === 1 ? 'pass' : 'passes'}`] = Object.fromEntries(byRung);
    }
  return figures;
}

function meanOf(scores: readonly ReviewScores[]): Figures[string] {
  const mean = (name: (typeof shown)[number]): number => {
    const sum = scores.reduce((total, own) => total + own[name], 0);
    return Math.round((sum / scores.length) * 1000) / 1000;
  };
  return Object.fromEntries(shown.map((name) => [name, mean(name)])) as Figures[string];
}

function tableOf(byRung: Figures): string {
  const header = `  ${''.padEnd(20)}${shown.map((name) => name.padStart(14)).join('')}\n`;
  const rows = Object.entries(byRung).map(
    ([rung, own]) => `  ${rung.padEnd(20)}${shown.map((name) => own[name].toFixed(3).padStart(14)).join('')}\n`,
  );
  return header + rows.join('');
}
