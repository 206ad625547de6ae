// code-server, which is VS Code in a browser: installs a package as a user would, and serves a workspace with it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, run } from '../child.ts';
import type { Home } from '../home.ts';
import { product } from '../product.ts';

interface Folders {
  codeServer: string;
  extensionsFolder: string;
}

/** Installs a package and returns the installed extension's folder. */
export async function installPackage(vsix: string, { codeServer, extensionsFolder }: Folders): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'sy-install-'));
  mkdirSync(extensionsFolder, { recursive: true });
  try {
    const parameters = [entryOf(codeServer), ...folderFlags(data, extensionsFolder), '--install-extension', vsix];
    const { code, output } = await run(process.execPath, parameters, {
      cwd: data,
      env: { HOME: data },
      limitMs: 180_000,
    });
    const installed = readdirSync(extensionsFolder).find((name) => name.startsWith('switchyard.'));
    if (code !== 0 || !installed) throw new Error(`The package was not installed (${code}):\n${output}`);
    return join(extensionsFolder, installed);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

export interface CodeServerOptions {
  home: Home;
  workspace: string;
  /** The user's settings from the beginning: VS Code turns its own extensions off for good by some of them. */
  settings?: Record<string, unknown>;
}

/** A running editor. Lives from `start` until it is disposed, with all its children. */
export class CodeServer {
  readonly origin: string;
  readonly workspace: string;
  readonly child: Child;
  readonly #data: string;

  private constructor(child: Child, { origin, workspace, data }: { origin: string; workspace: string; data: string }) {
    this.child = child;
    this.origin = origin;
    this.workspace = workspace;
    this.#data = data;
  }

  static async start({ home, workspace, settings = {} }: CodeServerOptions): Promise<CodeServer> {
    const { codeServer, extensionsFolder } = product;
    const data = mkdtempSync(join(home.root, 'code-'));
    mkdirSync(join(data, 'User'), { recursive: true });
    writeSettings(data, settings);
    const child = new Child(
      process.execPath,
      [
        entryOf(codeServer),
        ...folderFlags(data, extensionsFolder),
        '--auth',
        'none',
        '--bind-addr',
        '127.0.0.1:0',
        '--disable-telemetry',
        '--disable-update-check',
        '--disable-workspace-trust',
        '--disable-getting-started-override',
        workspace,
      ],
      { cwd: home.root, env: home.env },
    );
    try {
      const [, origin] = await child.says(/HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/);
      return new CodeServer(child, { origin: origin ?? '', workspace, data });
    } catch (error) {
      await child.end();
      throw error;
    }
  }

  /** The address of the workbench on the workspace. */
  get url(): string {
    return `${this.origin}/?folder=${encodeURIComponent(this.workspace)}`;
  }

  /** Changes the user's settings; a window follows when it is reloaded. */
  configure(settings: Record<string, unknown>): void {
    writeSettings(this.#data, settings);
  }

  /** Whether VS Code has written a setting into the user's file. */
  hasSetting(name: string): boolean {
    return readFileSync(join(this.#data, 'User', 'settings.json'), 'utf8').includes(`"${name}"`);
  }

  /** Gives commands keys of the user's; a window follows when it is reloaded. */
  bind(keys: Readonly<Record<string, string>>): void {
    const bindings = Object.entries(keys).map(([key, command]) => ({ key, command }));
    writeFileSync(join(this.#data, 'User', 'keybindings.json'), JSON.stringify(bindings));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.end();
  }
}

/** Settings that keep VS Code's own surfaces out of the way of a test, and what is edited on the disk. */
const quietSettings = {
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'afterDelay',
  'files.autoSaveDelay': 100,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.menuBarVisibility': 'hidden',
  'workbench.colorTheme': 'Dark Modern',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};

function writeSettings(data: string, settings: Record<string, unknown>): void {
  writeFileSync(join(data, 'User', 'settings.json'), JSON.stringify({ ...quietSettings, ...settings }, null, 2));
}

function entryOf(codeServer: string): string {
  return join(codeServer, 'out', 'node', 'entry.js');
}

function folderFlags(data: string, extensionsFolder: string): string[] {
  return ['--config', join(data, 'config.yaml'), '--user-data-dir', data, '--extensions-dir', extensionsFolder];
}
