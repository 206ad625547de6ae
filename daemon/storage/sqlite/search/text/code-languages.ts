// In which languages there is code in a message or a finding: by the words behind its fences, by what is attached, by the file.
// Ids are those of editors; what a fence is called is up to whoever wrote it. Pure.

/** Of each language: what fences call it besides its id, and how its files end. An unknown one is called by its id alone. */
const languages: Readonly<Record<string, { fences?: readonly string[]; files: readonly string[] }>> = {
  c: { files: ['c', 'h'] },
  cpp: { fences: ['c++', 'cc', 'cxx', 'hpp'], files: ['cpp', 'cc', 'cxx', 'hpp', 'hh', 'h'] },
  csharp: { fences: ['c#', 'cs'], files: ['cs'] },
  css: { fences: ['scss', 'less'], files: ['css', 'scss', 'less'] },
  go: { fences: ['golang'], files: ['go'] },
  html: { files: ['html', 'htm'] },
  java: { files: ['java'] },
  javascript: { fences: ['js', 'jsx', 'mjs', 'cjs', 'javascriptreact'], files: ['js', 'jsx', 'mjs', 'cjs'] },
  php: { files: ['php'] },
  python: { fences: ['py', 'python3'], files: ['py', 'pyi'] },
  ruby: { fences: ['rb'], files: ['rb'] },
  rust: { fences: ['rs'], files: ['rs'] },
  shellscript: { fences: ['sh', 'bash', 'zsh', 'shell', 'console'], files: ['sh', 'bash', 'zsh'] },
  typescript: { fences: ['ts', 'tsx', 'mts', 'cts', 'typescriptreact'], files: ['ts', 'tsx', 'mts', 'cts'] },
};

const fence = /^[ \t>]{0,20}(?:[-*+] |\d{1,3}\. )?[ \t]{0,20}(?:`{3,}|~{3,})[ \t]*([^\s`{,]+)/gmu;

/** What there is of a message or a finding. */
export interface MessageText {
  readonly text: string;
  readonly uri?: string | null;
  /** Of a message, as JSON. */
  readonly attachments?: string | null;
}

/** `language` in small letters. */
export function hasCodeIn(language: string, { text, uri, attachments }: MessageText): boolean {
  const { fences = [], files = [] } = Object.hasOwn(languages, language) ? (languages[language] ?? { files: [] }) : {};
  const isNamed = (name: string): boolean => name === language || fences.includes(name);
  const isFile = (place: string): boolean => files.some((ending) => place.toLowerCase().endsWith(`.${ending}`));
  if (uri && isFile(uri)) return true;
  if (attachments && attachedTo(attachments).some((one) => isNamed(one.languageId.toLowerCase()) || isFile(one.uri)))
    return true;
  for (const [, name = ''] of text.matchAll(fence)) if (isNamed(name.toLowerCase())) return true;
  return false;
}

function attachedTo(attachments: string): { languageId: string; uri: string }[] {
  const stored = JSON.parse(attachments) as { languageId?: unknown; uri?: unknown }[];
  return stored.map(({ languageId, uri }) => ({ languageId: String(languageId ?? ''), uri: String(uri ?? '') }));
}
