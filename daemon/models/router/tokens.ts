// How many tokens a text takes: counted with OpenAI's o200k vocabulary, which also stands for models whose own is not public.
// Until it is loaded, `estimateTokens` has to do. Long texts are counted in part and the rest is taken in proportion, so that counting never delays an answer.
import type { CountTokens } from './analyse.ts';

const maxCounted = 300; // characters: some 0.03 ms, and within a tenth of the whole count

/** The vocabulary takes a third of a second to load: it is loaded when first wanted, not when the daemon starts. */
export async function loadTokenCounter(): Promise<CountTokens> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  return inProportion((text) => countTokens(text, { disallowedSpecial: new Set() }));
}

function inProportion(count: CountTokens): CountTokens {
  return (text) => {
    if (text.length <= maxCounted) return count(text);
    // The start and the middle: code under a heading, or a log under a question, has other tokens than what stands above it.
    const half = maxCounted / 2;
    const middle = Math.max(half, Math.floor((text.length - half) / 2));
    return Math.ceil(
      (count(text.slice(0, half)) + count(text.slice(middle, middle + half))) * (text.length / maxCounted),
    );
  };
}
