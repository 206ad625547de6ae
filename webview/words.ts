// The page's texts in the user's language. A text's key is its English; the host puts the translations into the page's own markup, so that
// nothing is waited for. A page without them, and a test without a page, is in English.

const markup = typeof document === 'undefined' ? null : document.querySelector<HTMLMetaElement>('meta[name="words"]');
const translations = new Map<string, string>(Object.entries(JSON.parse(markup?.content ?? '{}')));

/** The language of the texts. */
const language = translations.size > 0 ? document.documentElement.lang : 'en';
/** For dates and numbers: the user's own kind of that language, if there is one. */
export const locale =
  (typeof navigator === 'undefined' ? [] : navigator.languages).find((tag) => tag.split('-')[0] === language) ??
  language;

const numbers = new Intl.NumberFormat(locale);
const plurals = new Intl.PluralRules(language);

/** A text in the page's language, with values in place of `{0}`, `{1}`, …: as `vscode.l10n.t`, but numbers are written as the language does. */
export function t(text: string, ...values: readonly (string | number)[]): string {
  return (translations.get(text) ?? text).replace(/\{(\d+)\}/g, (mark, place: string) => {
    const value = values[Number(place)];
    return typeof value === 'number' ? numbers.format(value) : (value ?? mark);
  });
}

/** One of two texts, by the count, which is `{0}` in both. */
export function plural(count: number, texts: readonly [one: string, other: string], ...values: string[]): string {
  return t(texts[plurals.select(count) === 'one' ? 0 : 1], count, ...values);
}

/** `a, b, and c` */
export function listed(names: readonly string[]): string {
  return new Intl.ListFormat(language).format(names);
}

/** Numbers and US dollars as `shared/` writes them, in the page's language: `<$0.012` is `<0,012 $` in German. */
export function inLocale(text: string): string {
  if (language === 'en') return text;
  return text.replace(/(\$?)(\d+(?:\.(\d+))?)/g, (_, dollars: string, digits: string, places = '') =>
    Number(digits).toLocaleString(locale, {
      minimumFractionDigits: places.length,
      maximumFractionDigits: places.length,
      ...(dollars !== '' && { style: 'currency', currency: 'USD' }),
    }),
  );
}
