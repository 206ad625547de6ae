// Loads the built extension as an editor's extension host does, activates it, and prints as JSON what that took.
// Usage: activate.mjs FOLDER_OF_THE_EXTENSION. Ends before the extension starts its daemon.
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { vscode } from './vscode-stub.mjs';

const root = process.argv[2];
const require = createRequire(import.meta.url);

const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? vscode : load(request, ...rest));

const natives = [];
const open = process.dlopen;
process.dlopen = (module, file, ...rest) => {
  natives.push(file);
  return open(module, file, ...rest);
};

const startedAt = performance.now();
const extension = require(join(root, 'dist/extension/main.cjs'));
const loadedAt = performance.now();
extension.activate({
  subscriptions: [],
  extensionUri: vscode.Uri.file(root),
  extensionPath: root,
  workspaceState: { get: () => undefined },
  asAbsolutePath: (path) => join(root, path),
});
const activatedAt = performance.now();
require(join(root, 'dist/extension/language-client.cjs'));
const connectableAt = performance.now();

const measured = {
  loadMs: loadedAt - startedAt,
  activateMs: activatedAt - loadedAt,
  languageClientMs: connectableAt - activatedAt,
  natives,
};
process.stdout.write(JSON.stringify(measured), () => process.exit());
