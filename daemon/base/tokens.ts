// How many tokens a text takes, without any model's vocabulary.

/**
 * Bytes of UTF-8. Measured over this project's own texts with the vocabularies o200k, cl100k and the WordPiece of the embedding model
 * that ships: English prose 3.4 to 5.6 bytes a token, TypeScript and JavaScript 3.2 to 4.1, JSON 3.4 to 3.9, Chinese, Japanese and
 * Korean 3.0 to 4.5, Russian 2.2 to 6.4. Text without words is denser: a lock file 2.3 to 2.5, lists of numbers 1.7 to 2.1, base64 and
 * hexadecimal 1.4 to 1.6.
 */
export const bytesPerToken = 3;

/**
 * For fitting a prompt into a context, so it errs on the safe side: 14 to 85 % too many for prose, 6 to 37 % for code, 1 to 49 % for
 * Chinese, Japanese and Korean. Russian is between 27 % too few (WordPiece) and twice too many (o200k). Too few where there are no
 * words: by 6 % at most for minified code, 16 to 23 % for lock files, 30 to 44 % for numbers, and half for base64.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

const pixelsPerToken = 750; // as Anthropic counts; OpenAI and Google count up to 1,600 tokens for a picture of this project's largest size
const minPictureTokens = 85;
const maxPictureTokens = 1600;

/** What a picture takes of a prompt, at most; the most there is where its size is unknown. */
export function estimatePictureTokens({ width, height }: { width?: number; height?: number }): number {
  if (width === undefined || height === undefined) return maxPictureTokens;
  return Math.max(minPictureTokens, Math.min(maxPictureTokens, Math.ceil((width * height) / pixelsPerToken)));
}
