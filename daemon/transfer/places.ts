// Finds out which program wrote what the user named, by names of files and folders and by how files begin.
import { basename, dirname, join } from 'node:path';
import { documentFormat } from '../../shared/protocol/transfer.ts';
import { TransferError } from './error.ts';
import { type Entry, entriesOf, look, nameOf, piecesOf, type SourceFile } from './files.ts';
import { zippedFiles } from './zip.ts';

export const sources = [
  'switchyard',
  'chatgpt',
  'claude',
  'claude-code',
  'codex',
  'continue',
  'cline',
  'copilot',
] as const;
export type ImportSource = (typeof sources)[number];
export const programs: Readonly<Record<ImportSource, string>> = {
  switchyard: 'Switchyard',
  chatgpt: 'ChatGPT',
  claude: 'Claude',
  'claude-code': 'Claude Code',
  codex: 'Codex',
  continue: 'Continue',
  cline: 'Cline',
  copilot: 'Copilot',
};

/** Where a program's chats are: files with one chat or many, or folders of tasks. */
export interface ImportPlace {
  source: ImportSource;
  files: SourceFile[];
  /** The file that lists them, if there is one. */
  list?: string;
}

/** Throws TransferError where no chats are known to be at a path, or none of the named program. */
export async function findPlace(path: string, from: ImportSource | 'auto'): Promise<ImportPlace> {
  const place = (await look(path)).isFolder ? await placeInFolder(path, from) : await placeOfFile(path, from);
  if (place) return place;
  throw new TransferError(
    `No chats${from === 'auto' ? '' : ` of ${programs[from]}`} were found in ${path}. Choose an export of Switchyard, ChatGPT, claude.ai, or Copilot Chat (the ZIP file, too), or a folder with sessions of Claude Code, Codex, Continue, or Cline.`,
  );
}

async function placeOfFile(path: string, from: ImportSource | 'auto'): Promise<ImportPlace | undefined> {
  const name = basename(path);
  if (/\.zip$/i.test(name)) return placeInArchive(path, from);
  if (taskFiles.includes(name)) return wanted('cline', from) && { source: 'cline', files: [dirname(path)] };
  if (name === 'sessions.json') return wanted('continue', from) && placeInFolder(dirname(path), from);
  const source = from === 'auto' || name.endsWith('.jsonl') ? await sourceOf(path) : from;
  const isTask = source === 'cline' && !name.endsWith('.messages.json');
  if (source === undefined || isTask || !wanted(source, from)) return undefined;
  return { source, files: [path], ...(source === 'continue' && { list: join(dirname(path), 'sessions.json') }) };
}

async function placeInArchive(path: string, from: ImportSource | 'auto'): Promise<ImportPlace | undefined> {
  const found: { source: ImportSource; file: SourceFile }[] = [];
  for (const file of await zippedFiles(path)) {
    if (!file.name.endsWith('.json')) continue;
    const source = await sourceOf(file);
    if (source && exports.includes(source) && wanted(source, from)) found.push({ source, file });
  }
  const [first] = found;
  return (
    first && { source: first.source, files: found.flatMap(({ source, file }) => (source === first.source ? file : [])) }
  );
}

const headBytes = 64 * 1024;
/** What a data export of these programs has: a file with many chats. */
const exports: readonly ImportSource[] = ['switchyard', 'chatgpt', 'claude'];
/** The names of files in a data export of ChatGPT, and of claude.ai. */
const exported = /^conversations(-\d+)?\.json$/;
const taskFiles: readonly string[] = ['api_conversation_history.json', 'ui_messages.json', 'claude_messages.json'];

/** How a file begins. */
export async function headOf(file: SourceFile): Promise<string> {
  let text = '';
  for await (const piece of piecesOf(file, { bytes: headBytes })) text += piece;
  return text.replace(/^\ufeff?\s*/, '');
}

/** Tells the program by how the file begins. */
async function sourceOf(file: SourceFile): Promise<ImportSource | undefined> {
  const head = await headOf(file);
  const name = nameOf(file);
  if (head.startsWith('[')) {
    if (/"chat_messages"\s*:/.test(head) || /^\[\s*\{\s*"uuid"\s*:/.test(head)) return exportOfClaude(name, head);
    return exported.test(name) || /"mapping"\s*:/.test(head) ? 'chatgpt' : undefined;
  }
  if (!head.startsWith('{')) return undefined;
  if (name.endsWith('.jsonl')) return sourceOfLines(head);
  if (new RegExp(`"format"\\s*:\\s*"${documentFormat}"`).test(head)) return 'switchyard';
  if (name.endsWith('.messages.json') && /"messages"\s*:/.test(head)) return 'cline';
  if (/"(requesterUsername|responderUsername)"\s*:/.test(head)) return 'copilot';
  return /"(sessionId|session_id|full_state)"\s*:/.test(head) && /"(history|full_state)"\s*:/.test(head)
    ? 'continue'
    : undefined;
}

/** The export has lists of users and projects beside the one of chats. */
function exportOfClaude(name: string, head: string): ImportSource | undefined {
  return exported.test(name) || /"chat_messages"\s*:/.test(head) ? 'claude' : undefined;
}

function sourceOfLines(head: string): ImportSource | undefined {
  if (/^\{"kind":0,/.test(head)) return 'copilot';
  const isCodex = /"type":"session_meta"/.test(head) || /^\{"id":"[^"]+","timestamp":/.test(head);
  if (isCodex) return 'codex';
  return /"(sessionId|parentUuid|leafUuid)"\s*:/.test(head) ? 'claude-code' : undefined;
}

async function placeInFolder(folder: string, from: ImportSource | 'auto'): Promise<ImportPlace | undefined> {
  const entries = await entriesOf(folder);
  const has = (name: string): boolean => entries.some((entry) => entry.name === name);
  if (taskFiles.some(has))
    return (
      wanted('cline', from) && {
        source: 'cline',
        files: [folder],
        list: join(folder, '..', '..', 'state', 'taskHistory.json'),
      }
    );
  if (has('sessions.json') && wanted('continue', from)) {
    const sessions = entries.filter(
      ({ name, isFolder }) => !isFolder && name.endsWith('.json') && name !== 'sessions.json',
    );
    return { source: 'continue', files: sessions.map(({ path }) => path), list: join(folder, 'sessions.json') };
  }
  const inner = (name: string): Entry | undefined => entries.find((entry) => entry.isFolder && entry.name === name);
  const sessions = inner('sessions');
  const found = sessions && (await placeInFolder(sessions.path, from));
  if (found) return found;
  const tasks = inner('tasks');
  const ofTasks = wanted('cline', from) && (basename(folder) === 'tasks' ? folder : tasks?.path);
  return (ofTasks && (await tasksIn(ofTasks))) || placeOfFiles(folder, from);
}

const maxDepth = 5; // sessions of Codex are in folders by year, month and day
const maxFiles = 20_000;

/** The files with chats in a folder, those of one program: the first that is found. */
async function placeOfFiles(folder: string, from: ImportSource | 'auto'): Promise<ImportPlace | undefined> {
  const files: { path: string; source: ImportSource | undefined }[] = [];
  let seen = 0;
  const visit = async (path: string, depth: number): Promise<void> => {
    const entries = await entriesOf(path);
    for (const entry of entries) {
      if (++seen > maxFiles)
        throw new TransferError(`${folder} has too many files to search. Specify the folder that contains the chats.`);
      if (entry.isFolder && depth < maxDepth && !/^(\.git|node_modules)$/.test(entry.name))
        await visit(entry.path, depth + 1);
      const mayBe =
        /\.jsonl?$/.test(entry.name) && !/^agent-.*\.jsonl$/.test(entry.name) && entry.name !== 'sessions.json';
      if (!entry.isFolder && mayBe) files.push({ path: entry.path, source: await sourceOf(entry.path) });
    }
  };
  await visit(folder, 1);
  const first = files.find(({ source }) => source && wanted(source, from));
  if (!first?.source) return undefined;
  const { source } = first;
  const folders = new Set(files.filter((file) => file.source === source).map(({ path }) => dirname(path)));
  // A session of Continue's that is damaged stands beside the others, and is told.
  const isOne = (file: (typeof files)[number]): boolean =>
    file.source === source || (source === 'continue' && file.source === undefined && folders.has(dirname(file.path)));
  return { source, files: files.filter(isOne).map(({ path }) => path) };
}

async function tasksIn(folder: string): Promise<ImportPlace | undefined> {
  const tasks = (await entriesOf(folder)).filter(({ isFolder }) => isFolder);
  return tasks.length > 0
    ? { source: 'cline', files: tasks.map(({ path }) => path), list: join(folder, '..', 'state', 'taskHistory.json') }
    : undefined;
}

function wanted(source: ImportSource, from: ImportSource | 'auto'): true | undefined {
  return from === 'auto' || from === source || undefined;
}
