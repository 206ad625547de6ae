// Whether a block of an answer may be a change of a file. Pure.

/** Prose, diagrams, terminals and their output are for reading. */
const readOnly =
  /^(?:text|plaintext|plain|txt|prose|markdown|md|mermaid|plantuml|puml|dot|graphviz|d2|ascii|console|shell-session|shellsession|terminal|output|log|math|latex|katex|csv|tree)$/;

/** Search-and-replace blocks are for "Review changes". */
const searchMarker = /^ {0,3}<{5,9} ?SEARCH\b/m;

/** `language` as the answer names it, in lower case; a block without a name may be code. */
export function isApplicable(language: string, code: string): boolean {
  if (readOnly.test(language) || searchMarker.test(code)) return false;
  return isNamed(language) || /[;{}()=<>[\]:]|^[+-]/m.test(code);
}

/** What a block without a name is called in its bar. */
const unnamed = 'code';

function isNamed(language: string): boolean {
  return language !== '' && language !== unnamed;
}
