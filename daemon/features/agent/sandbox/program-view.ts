// What a program of the agent sees of the disk: it reads all but the user's keys and our own folders, and writes to its workspace, to empty
// folders of its own, and, with the network, to the caches of package managers.
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { isInside } from '../../../base/paths.ts';
import { isSettings } from '../../change-sets/runs-later.ts';

/** A real path and what lies there for the program. Of two, the one nearer to the root of the disk comes first. */
export type Layer =
  /** As it is. */
  | { kind: 'write'; path: string }
  /** As it is, but only to read. */
  | { kind: 'read'; path: string }
  /** An empty folder that ends with the program. */
  | { kind: 'private'; path: string; megabytes: number }
  /** An empty file or folder. */
  | { kind: 'hide'; path: string; isFolder: boolean };

export interface ViewRequest {
  /** The folder that the agent works in, as a real path. */
  root: string;
  /** What only programs of this workspace write. Undefined where there's none. */
  cacheFolder: string | undefined;
  ownFolders: readonly string[];
  /** What nobody but the user changes in the root, as far as it exists. Files that git would read there count as well. */
  settings: readonly string[];
  /** What the user shows to programs that have the network, as real paths. */
  shown: readonly string[];
  /** The program. Git itself may change what git runs: the user was asked. */
  file: string;
  network: 'off' | 'on';
  env: NodeJS.ProcessEnv;
}

/** TABLE of folders that every program writes to and others read: sockets of services lie there as well. */
const sharedFolders: readonly [string, number][] = [
  ['/tmp', 1024],
  ['/var/tmp', 256],
  ['/dev/shm', 512],
  ['/run', 16],
];

interface SecretRow {
  /** From the home folder. */
  path: string;
  /** It is hidden only where this is in it. */
  where?: RegExp;
}

const password = /auth|passw|token|secret|:\/\/[^/\s]*:[^/\s]*@/i;

/** TABLE of where keys are kept, and where programs that act for the user listen. */
const secrets: readonly SecretRow[] = [
  ...(
    '.ssh .gnupg .aws .azure .oci .kube .docker .colima .password-store .1password .netrc _netrc .authinfo .authinfo.gpg .pgpass .my.cnf ' +
    '.git-credentials .config/git/credentials .config/gcloud .config/gh .config/glab-cli .config/hub .config/op .config/doctl .config/sops ' +
    '.config/rclone .config/containers .config/1Password .config/Bitwarden .config/keepassxc .config/github-copilot .local/share/keyrings ' +
    '.local/share/kwalletd .cargo/credentials .cargo/credentials.toml .gem/credentials .terraform.d .vault-token .composer/auth.json ' +
    '.config/composer/auth.json .m2/settings.xml .m2/settings-security.xml .gradle/gradle.properties .nuget/NuGet/NuGet.Config .s3cfg .boto ' +
    '.Xauthority .ICEauthority .mozilla .thunderbird .config/google-chrome .config/chromium .config/BraveSoftware .config/microsoft-edge ' +
    'snap/firefox .bash_history .zsh_history .python_history .node_repl_history .psql_history .local/share/fish/fish_history .claude ' +
    '.claude.json .codex .gemini .local/share/opencode/auth.json'
  )
    .split(' ')
    .map((path) => ({ path })),
  ...'.npmrc .yarnrc .yarnrc.yml .pypirc .bunfig.toml .condarc .config/pip/pip.conf .pip/pip.conf .config/uv/uv.toml'
    .split(' ')
    .map((path) => ({ path, where: password })),
];

/** Of those, what package managers sign in with. */
const signIns =
  /(?:rc|rc\.yml|pip\.conf|uv\.toml|bunfig\.toml|\/credentials(?:\.toml)?|auth\.json|settings\.xml|gradle\.properties|NuGet\.Config)$/i;
const ofOthers = /^\.(?:aws|config\/git)\/|^\.?_?netrc$/;

/** The files that are there, from the home folder, of package managers that sign in. */
export function hiddenSignIns(env: NodeJS.ProcessEnv, shown: readonly string[]): string[] {
  const home = env['HOME'] ?? homedir();
  const names = secrets.map(({ path }) => path).filter((path) => signIns.test(path) && !ofOthers.test(path));
  const hidden = new Set(secretsIn(home));
  return names.filter((name) => {
    const path = join(home, name);
    return hidden.has(path) && realOf([path]).some((real) => !shown.includes(real));
  });
}

/** The files of a list of the user's, as real paths. Switchyard's own are never shown. */
export function shownFiles(named: readonly string[], { ownFolders, env }: Pick<ViewRequest, 'ownFolders' | 'env'>) {
  const home = env['HOME'] ?? homedir();
  const paths = named.map((path) => (path.startsWith('~/') ? join(home, path.slice(2)) : path)).filter(isAbsolute);
  const own = realOf(ownFolders);
  return realOf(paths).filter((path) => statSync(path).isFile() && !own.some((folder) => isInside(path, folder)));
}

/** TABLE of caches in the home folder: a package manager downloads to them. */
const downloads =
  '.npm .cache/yarn .yarn/berry .cache/pnpm .local/share/pnpm/store .bun/install/cache .cache/node .cache/pip .cache/uv .cache/pypoetry .cargo/registry .cargo/git go/pkg/mod .m2/repository .nuget/packages .cache/composer .cache/deno'.split(
    ' ',
  );

/** In the order in which they are laid over each other. */
export function layersFor({
  root,
  cacheFolder,
  ownFolders,
  settings,
  shown,
  file,
  network,
  env,
}: ViewRequest): Layer[] {
  const home = env['HOME'] ?? homedir();
  const written = [
    root,
    ...(isGit(file, root) ? gitFolders(root) : []),
    ...(cacheFolder === undefined ? [] : [cacheFolder]),
    ...(network === 'on' ? downloads.map((path) => join(home, path)) : []),
  ];
  const layers = new Layers();
  layers.add(realOf(written), (path) => ({ kind: 'write', path }));
  if (network === 'on') layers.add(shown, (path) => ({ kind: 'read', path }));
  layers.add(realOf([...ownFolders, ...secretsIn(home)]), hide);
  for (const [shared, megabytes] of sharedFolders)
    layers.add(realOf([shared]), (path) => ({ kind: 'private', path, megabytes }));
  // A link of the workspace would show what it leads to outside.
  layers.addUncovered(
    realOf(settings).filter((path) => settings.includes(path) || isInside(path, root)),
    (path) => ({ kind: 'read', path }),
  );
  const runtime = env['XDG_RUNTIME_DIR'];
  layers.addUncovered(realOf(runtime === undefined ? [] : [runtime]), hide);
  layers.addUncovered(
    sockets().filter((path) => !isInside(path, root)),
    hide,
  );
  const folders = (env['PATH'] ?? '').split(delimiter).filter((path) => path.startsWith('/'));
  layers.addCovered(realOf([...folders.map(withWhatItLinksTo), '/etc/resolv.conf']), (path) => ({
    kind: 'read',
    path,
  }));
  return layers.inOrder();
}

/** Whether a program is git itself, whose own files it may write. */
export function isGit(file: string, root: string): boolean {
  return basename(file) === 'git' && !isInside(file, root);
}

/** What git doesn't change in the root, as far as it exists. */
export function settingsForGit(root: string): string[] {
  const names = readdirSync(root).filter((name) => isSettings(name) && !/^\.(?:git|yarn|husky|cargo)$/i.test(name));
  return names.map((name) => join(root, name));
}

/** Whether one of the layers has nothing there but what it brings. */
export function isCovered(path: string, layers: readonly Layer[]): boolean {
  const kind = innermost(path, layers)?.kind;
  return kind === 'private' || kind === 'hide';
}

/** The last of the folders around a path, or what is the path itself. */
export function innermost<Place extends { path: string }>(path: string, places: readonly Place[]): Place | undefined {
  const around = places.filter((place) => isInside(path, place.path));
  return around.sort((a, b) => b.path.length - a.path.length)[0];
}

class Layers {
  readonly #byPath = new Map<string, Layer>();

  /** Of two with the same path, the first counts. */
  add(paths: readonly string[], layer: (path: string) => Layer): void {
    for (const path of paths) if (path !== '/' && !this.#byPath.has(path)) this.#byPath.set(path, layer(path));
  }

  addUncovered(paths: readonly string[], layer: (path: string) => Layer): void {
    this.add(
      paths.filter((path) => !isCovered(path, this.inOrder())),
      layer,
    );
  }

  addCovered(paths: readonly string[], layer: (path: string) => Layer): void {
    this.add(
      paths.filter((path) => isCovered(path, this.inOrder()) && !this.#isHidden(path)),
      layer,
    );
  }

  inOrder(): Layer[] {
    const all = [...this.#byPath.values()].sort((a, b) => a.path.length - b.path.length);
    const isShown = ({ kind }: Layer): boolean => kind === 'write' || kind === 'read';
    return all.filter((layer, at) => isShown(layer) || !isCovered(layer.path, all.slice(0, at)));
  }

  #isHidden(path: string): boolean {
    return this.inOrder().some((layer) => layer.kind === 'hide' && isInside(path, layer.path));
  }
}

function hide(path: string): Layer {
  return { kind: 'hide', path, isFolder: statSync(path).isDirectory() };
}

/** A package manager's folder of programs has links alone, to the packages beside it. */
function withWhatItLinksTo(folder: string): string {
  return basename(folder) === '.bin' ? dirname(folder) : folder;
}

/** Those that exist. */
function realOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      return [realpathSync(path)];
    } catch {
      return []; // not there, or out of reach for the program as well
    }
  });
}

function secretsIn(home: string): string[] {
  return secrets.flatMap(({ path, where }) => {
    const whole = join(home, path);
    return where === undefined || where.test(textOf(whole)) ? [whole] : [];
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Where programs of this machine listen now. The kernel names them as they were bound. */
function sockets(): string[] {
  const paths = textOf('/proc/net/unix')
    .split('\n')
    .flatMap((line) => /^(?:\S+\s+){7}(\/.*)$/.exec(line)?.[1] ?? []);
  return realOf([...new Set(paths)]).filter((path) => statSync(path).isSocket());
}

/** What git keeps for the folder elsewhere, as for a worktree. */
function gitFolders(root: string): string[] {
  const git = join(root, '.git');
  if (!lstatSync(git, { throwIfNoEntry: false })?.isFile()) return [];
  const [own] = realOf([resolve(root, /^gitdir: (.*)/.exec(textOf(git))?.[1] ?? '')]);
  if (own === undefined || own === root) return [];
  const common = dirname(dirname(own));
  const named = (name: string): string => resolve(own, textOf(join(own, name)).trim());
  // A file of the workspace can name any folder: it's a worktree's only where that names the workspace as well.
  return named('gitdir') === git && named('commondir') === common ? [common] : [];
}
