// The views' texts in another language than English, in the markup of their page: nothing is loaded for them. Pure.

export interface PageWords {
  /** As in `de`. */
  language: string;
  /** By their English texts. */
  texts: Readonly<Record<string, string>>;
}

/** The element that `webview/words.ts` reads. */
export function wordsElement({ texts }: PageWords): string {
  const content = JSON.stringify(texts).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<meta name="words" content="${content}">`;
}
