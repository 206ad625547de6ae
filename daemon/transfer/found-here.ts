// The chats of other programs that are on this machine already: where each program keeps them, and what of them is here.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TransferError } from './error.ts';
import { type Entry, entriesOf } from './files.ts';
import { findPlace, type ImportPlace, type ImportSource } from './places.ts';

export interface FoundPlace {
  /** The folder or file that a user would name. */
  path: string;
  place: ImportPlace;
}

export interface Machine {
  home: string;
  platform: NodeJS.Platform;
  variables: Readonly<Record<string, string | undefined>>;
}

const editors = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf'];
/** Cline, and its forks Roo Code and Kilo Code. */
const taskExtensions = ['saoudrizwan.claude-dev', 'rooveterinaryinc.roo-cline', 'kilocode.kilo-code'];
const isDownload = /^conversations.*\.json$|\.zip$/i;
const maxDownloads = 100;

/** Places with chats, in the order of their programs. What cannot be read is left out. */
export async function placesHere(machine: Machine = thisMachine()): Promise<FoundPlace[]> {
  const { home, variables } = machine;
  const candidates: [path: string, source: ImportSource][] = [
    [join(variables['CLAUDE_CONFIG_DIR'] ?? join(home, '.claude'), 'projects'), 'claude-code'],
    [join(variables['CODEX_HOME'] ?? join(home, '.codex'), 'sessions'), 'codex'],
    [join(variables['CONTINUE_GLOBAL_DIR'] ?? join(home, '.continue'), 'sessions'), 'continue'],
    [join(home, '.cline', 'data'), 'cline'],
    ...userFolders(machine).flatMap((user) =>
      taskExtensions.map((name): [string, ImportSource] => [join(user, 'globalStorage', name), 'cline']),
    ),
  ];
  const found = await Promise.all([
    ...candidates.map(([path, source]) => placeAt(path, source)),
    ...userFolders(machine).map(copilotIn),
    ...(await downloadsIn(join(home, 'Downloads'))).map(({ path }) => placeAt(path, 'auto')),
  ]);
  return found.filter((place) => place !== undefined);
}

function thisMachine(): Machine {
  return { home: homedir(), platform: process.platform, variables: process.env };
}

/** Where editors keep what their extensions store, also on a machine that they work on from elsewhere. */
function userFolders(machine: Machine): string[] {
  const data = applicationData(machine);
  const remote = ['.vscode-server', '.cursor-server'].map((name) => join(machine.home, name, 'data', 'User'));
  return [...editors.map((editor) => join(data, editor, 'User')), ...remote];
}

function applicationData({ home, platform, variables }: Machine): string {
  if (platform === 'win32') return variables['APPDATA'] ?? join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return variables['XDG_CONFIG_HOME'] ?? join(home, '.config');
}

async function placeAt(path: string, source: ImportSource | 'auto'): Promise<FoundPlace | undefined> {
  try {
    const place = await findPlace(path, source);
    return place.files.length > 0 ? { path, place } : undefined;
  } catch (error) {
    if (error instanceof TransferError) return undefined;
    throw error;
  }
}

/** Copilot Chat keeps its sessions with each workspace, among many other files. */
async function copilotIn(user: string): Promise<FoundPlace | undefined> {
  const path = join(user, 'workspaceStorage');
  const workspaces = (await entriesIn(path)).filter(({ isFolder }) => isFolder);
  const folders = [
    ...workspaces.map((workspace) => join(workspace.path, 'chatSessions')),
    join(user, 'globalStorage', 'emptyWindowChatSessions'),
  ];
  const entries = (await Promise.all(folders.map(entriesIn))).flat();
  const files = entries.filter(({ name, isFolder }) => !isFolder && /\.jsonl?$/.test(name)).map((entry) => entry.path);
  return files.length > 0 ? { path, place: { source: 'copilot', files } } : undefined;
}

async function downloadsIn(folder: string): Promise<Entry[]> {
  const files = (await entriesIn(folder)).filter(({ name, isFolder }) => !isFolder && isDownload.test(name));
  return files.slice(0, maxDownloads);
}

async function entriesIn(folder: string): Promise<Entry[]> {
  return entriesOf(folder).catch((error: unknown) => {
    if (error instanceof TransferError) return [];
    throw error;
  });
}
