// How many tokens a text takes, by OpenAI's o200k vocabulary, which also serves for models whose vocabulary is not
// public. Of long texts a part is counted and the rest taken in proportion, so that counting never delays an answer.
// Until the vocabulary is loaded, `estimateTokens` serves.
import type { CountTokens } from './analyse.ts';

const maxCounted = 300; // characters: some 0.03 ms, and within a tenth of the whole count

/** The vocabulary takes a third of a second to load, so it is loaded at the first use, not when the daemon starts. */
export async function loadTokenCounter(): Promise<CountTokens> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  return inProportion((text) => countTokens(text, { disallowedSpecial: new Set() }));
}

function inProportion(count: CountTokens): CountTokens {
  return (text) => {
    if (text.length <= maxCounted) return count(text);
    // The start and the middle: code under a heading, or a log under a question, has other tokens than what stands
    // above it.
    const half = maxCounted / 2;
    const middle = Math.max(half, Math.floor((text.length - half) / 2));
    return Math.ceil(
      (count(text.slice(0, half)) + count(text.slice(middle, middle + half))) * (text.length / maxCounted),
    );
  };
}
