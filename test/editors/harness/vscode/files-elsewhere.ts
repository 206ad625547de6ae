// An extension for VS Code in a browser whose files are its own: it runs in the browser's extension host, where no program can be started.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes it into a folder. `files` by their path below `/project`. */
export function writeFilesElsewhere(folder: string, scheme: string, files: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      name: scheme,
      publisher: 'switchyard-test',
      version: '1.0.0',
      engines: { vscode: '^1.100.0' },
      browser: './main.js',
      activationEvents: [`onFileSystem:${scheme}`, '*'],
    }),
  );
  writeFileSync(
    join(folder, 'main.js'),
    `const vscode = require('vscode');
const files = new Map(Object.entries(${JSON.stringify(files)}).map(([path, text]) => ['/project/' + path, new TextEncoder().encode(text)]));
const isFolder = (path) => path === '/' || [...files.keys()].some((file) => file.startsWith(path.replace(/\\/$/, '') + '/'));
function stat({ path }) {
  const file = files.get(path);
  if (!file && !isFolder(path)) throw vscode.FileSystemError.FileNotFound(path);
  return { type: file ? vscode.FileType.File : vscode.FileType.Directory, ctime: 0, mtime: 0, size: file ? file.length : 0 };
}
exports.activate = ({ subscriptions }) => {
  const changed = new vscode.EventEmitter();
  const provider = {
    onDidChangeFile: changed.event,
    watch: () => ({ dispose() {} }),
    stat,
    readDirectory({ path }) {
      const below = [...files.keys()].filter((file) => file.startsWith(path + '/')).map((file) => file.slice(path.length + 1));
      return [...new Set(below.map((file) => file.split('/')[0]))].map((name) => [name, stat({ path: path + '/' + name }).type]);
    },
    readFile({ path }) {
      stat({ path });
      return files.get(path);
    },
    writeFile: ({ path }, content) => void files.set(path, content),
    createDirectory() {},
    delete: ({ path }) => void files.delete(path),
    rename() {},
  };
  subscriptions.push(
    vscode.workspace.registerFileSystemProvider(${JSON.stringify(scheme)}, provider),
    vscode.commands.registerCommand(${JSON.stringify(`${scheme}.hasProcess`)}, () => typeof process !== 'undefined' && process.pid > 0),
  );
};
`,
  );
}
