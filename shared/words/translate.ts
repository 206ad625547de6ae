// A text in the language of the editor or the page, with values in it. Pure.

/** Puts values in place of `{0}`, `{1}`, …: `vscode.l10n.t`, the views' `t`, or `inEnglish` where there is neither. */
export type Translate = (text: string, ...values: (string | number)[]) => string;

export const inEnglish: Translate = (text, ...values) =>
  text.replace(/\{(\d+)\}/g, (mark, place: string) => String(values[Number(place)] ?? mark));
