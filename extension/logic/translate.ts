// A text in the editor's language, with values in it. Pure.

/** Puts values in place of `{0}`, `{1}`, …: `vscode.l10n.t`, or `inEnglish` where there is no editor. */
export type Translate = (text: string, ...values: (string | number)[]) => string;

export const inEnglish: Translate = (text, ...values) =>
  text.replace(/\{(\d+)\}/g, (mark, place: string) => String(values[Number(place)] ?? mark));
