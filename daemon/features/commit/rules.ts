// A message from the paths and kinds of changes alone, in the repository's style. It needs no model, and is the same each time. Pure.
import { posix } from 'node:path';
import type { SubjectLanguage } from './language.ts';
import type { ChangeKind, StagedFile } from './staged.ts';
import { type CommitStyle, cased } from './style.ts';

export const maxSubjectChars = 72; // what Git's own tools show of it in one line
const maxNameChars = 40;

type Sentence = (names: string) => string;
interface SubjectWords extends Record<Exclude<ChangeKind, 'renamed'>, Sentence> {
  renamed: (from: string, to: string) => string;
  files: (count: number) => string;
}

const wordsOf: Record<SubjectLanguage, SubjectWords> = {
  en: {
    added: (x) => `Add ${x}`,
    deleted: (x) => `Remove ${x}`,
    changed: (x) => `Update ${x}`,
    renamed: (from, to) => `Rename ${from} to ${to}`,
    files: (count) => `${count} files`,
  },
  de: {
    added: (x) => `Füge ${x} hinzu`,
    deleted: (x) => `Entferne ${x}`,
    changed: (x) => `Ändere ${x}`,
    renamed: (from, to) => `Benenne ${from} in ${to} um`,
    files: (count) => `${count} Dateien`,
  },
  fr: {
    added: (x) => `Ajoute ${x}`,
    deleted: (x) => `Supprime ${x}`,
    changed: (x) => `Modifie ${x}`,
    renamed: (from, to) => `Renomme ${from} en ${to}`,
    files: (count) => `${count} fichiers`,
  },
  es: {
    added: (x) => `Añade ${x}`,
    deleted: (x) => `Elimina ${x}`,
    changed: (x) => `Actualiza ${x}`,
    renamed: (from, to) => `Renombra ${from} a ${to}`,
    files: (count) => `${count} archivos`,
  },
  ru: {
    added: (x) => `Добавить ${x}`,
    deleted: (x) => `Удалить ${x}`,
    changed: (x) => `Обновить ${x}`,
    renamed: (from, to) => `Переименовать ${from} в ${to}`,
    files: (count) => `файлы (${count})`,
  },
  zh: {
    added: (x) => `添加 ${x}`,
    deleted: (x) => `删除 ${x}`,
    changed: (x) => `更新 ${x}`,
    renamed: (from, to) => `将 ${from} 重命名为 ${to}`,
    files: (count) => `${count} 个文件`,
  },
  ja: {
    added: (x) => `${x} を追加`,
    deleted: (x) => `${x} を削除`,
    changed: (x) => `${x} を更新`,
    renamed: (from, to) => `${from} を ${to} に名前変更`,
    files: (count) => `${count} 個のファイル`,
  },
  ko: {
    added: (x) => `${x} 추가`,
    deleted: (x) => `${x} 삭제`,
    changed: (x) => `${x} 수정`,
    renamed: (from, to) => `${from}을(를) ${to}(으)로 이름 변경`,
    files: (count) => `파일 ${count}개`,
  },
};

/** Of one line, at most 72 characters. */
export function messageByRules(files: readonly StagedFile[], style: CommitStyle): string {
  const words = wordsOf[style.language];
  const prefix = prefixFor(files, style);
  const kind = kindOfAll(files);
  const names = files.map(({ path }) => nameOf(path));
  const folder = commonFolder(files.map(({ path }) => path));
  const count = words.files(files.length);
  const [only] = files;
  const renamed = files.length === 1 && only?.formerPath !== undefined && kind === 'renamed';
  const candidates = renamed
    ? [words.renamed(nameOf(only.formerPath ?? ''), nameOf(only.path))]
    : [
        ...(files.length <= 3 ? [names.join(', ')] : []),
        ...(folder === '' || prefix.includes(folder) ? [] : [`${count} (${folder})`]),
      ].map(words[kind === 'renamed' ? 'changed' : kind]);
  const texts = [...candidates, words.changed(count)].map((text) => prefix + cased(text, style));
  return texts.find((text) => [...text].length <= maxSubjectChars) ?? cased(words.changed(count), style);
}

function nameOf(path: string): string {
  const name = posix.basename(path);
  return name.length > maxNameChars ? `${name.slice(0, maxNameChars)}…` : name;
}

/** What stands before the text, with the space after it; empty where the style has no prefix. */
export function prefixFor(files: readonly StagedFile[], style: CommitStyle): string {
  if (style.form === 'plain') return '';
  const area = areaOf(files, style.areas);
  if (style.form === 'area') return area === undefined ? '' : `${area}: `;
  const scope = style.hasScopes && area !== undefined && style.areas.includes(area) ? `(${area})` : '';
  return `${typeOf(files)}${scope}: `;
}

const kindsOfFiles: readonly [type: string, path: RegExp][] = [
  ['test', /(?:^|\/)(?:tests?|__tests__|spec)\/|[._-](?:test|spec)\.\w+$|(?:^|\/)test_[^/]+\.py$/i],
  ['docs', /\.(?:md|mdx|rst|adoc|txt)$|(?:^|\/)docs?\//i],
  ['ci', /(?:^|\/)\.(?:github\/workflows|circleci|ci)\/|(?:^|\/)(?:\.gitlab-ci\.yml|Jenkinsfile)$/],
  [
    'build',
    /(?:^|\/)(?:package(?:-lock)?\.json|[\w.-]+\.lock|go\.(?:mod|sum)|Cargo\.toml|pom\.xml|Makefile|Dockerfile|CMakeLists\.txt|[\w.-]+\.gradle(?:\.kts)?)$/,
  ],
];

function typeOf(files: readonly StagedFile[]): string {
  const [alike] = kindsOfFiles.find(([, pattern]) => files.every(({ path }) => pattern.test(path))) ?? [];
  return alike ?? (kindOfAll(files) === 'added' ? 'feat' : 'chore');
}

function kindOfAll(files: readonly StagedFile[]): ChangeKind {
  const [first] = files;
  return first && files.every(({ kind }) => kind === first.kind) ? first.kind : 'changed';
}

/** A known area that holds the files, by its whole path or by its name; else their folder, no deeper than known ones are. */
function areaOf(files: readonly StagedFile[], known: readonly string[]): string | undefined {
  const paths = files.map(({ path }) => path);
  const largest = files.reduce((a, b) => (size(b) > size(a) ? b : a)).path;
  const folder = commonFolder(paths) || posix.dirname(largest);
  const segments = folder === '.' ? [] : folder.split('/');
  for (let depth = segments.length; depth > 0; depth--) {
    const names = [segments.slice(0, depth).join('/'), segments[depth - 1] ?? ''];
    const found = names.find((name) => known.includes(name));
    if (found !== undefined) return found;
  }
  const stem = posix.basename(largest).replace(/(?<=.)\..*$/, '');
  if (segments.length === 0 || known.includes(stem)) return stem;
  const maxDepth = Math.max(1, ...known.map((name) => name.split('/').length));
  return segments.slice(0, maxDepth).join('/');
}

function size({ addedLines, removedLines }: StagedFile): number {
  return addedLines + removedLines;
}

/** Empty where there is none. */
function commonFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split('/').slice(0, -1));
  const differs = first.findIndex((segment, index) => others.some((other) => other[index] !== segment));
  return (differs < 0 ? first : first.slice(0, differs)).join('/');
}
