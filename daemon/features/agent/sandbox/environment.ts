// The variables of a program that the agent runs: without secrets and ways to services, and with caches that it can write to.
import { realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isInside } from '../../../base/paths.ts';
import { redact } from '../../../models/secrets/scanner.ts';
import { isCovered, type Layer } from './program-view.ts';

/** What leads to services that act in the user's name, beside what every child of the daemon doesn't get. */
const services =
  /^(?:DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY|DOCKER_.*|CONTAINER_HOST|GPG_AGENT_INFO|SSH_.*|TMUX|STY|KUBECONFIG|SWITCHYARD_HOME|XDG_RUNTIME_DIR|VSCODE_.*|GIT_ASKPASS|NVIM|NVIM_LISTEN_ADDRESS|WSL_INTEROP|PULSE_SERVER)$/;

/**
 * Variables for `runTool`, which leaves out what has the name of a secret; undefined takes one away. Nobody can answer a question of the
 * program.
 */
export function reducedEnvironment(env: NodeJS.ProcessEnv, root: string): Record<string, string | undefined> {
  const taken = Object.entries(env).flatMap(([name, value]) =>
    services.test(name) || redact(`${name}=${value}`).secrets.length > 0 || redact(value ?? '').secrets.length > 0
      ? [name]
      : [],
  );
  const separator = process.platform === 'win32' ? ';' : ':';
  const name = Object.keys(env).find((each) => each.toUpperCase() === 'PATH') ?? 'PATH';
  const folders = (env[name] ?? '').split(separator).filter((each) => isAbsolute(each) && !isInside(each, root));
  return {
    ...Object.fromEntries(taken.map((each) => [each, undefined])),
    [name]: folders.join(separator),
    GIT_TERMINAL_PROMPT: '0',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
  };
}

/** TABLE of the caches without which programs don't work, by their variables. Others of the home folder are only read. */
const caches: Readonly<Record<string, string>> = {
  GOCACHE: 'go-build',
  GRADLE_USER_HOME: 'gradle',
  DOTNET_CLI_HOME: 'dotnet',
  CCACHE_DIR: 'ccache',
  SCCACHE_DIR: 'sccache',
  DENO_DIR: 'deno',
};

/** What is different behind a fence, on top of the reduced environment. */
export function fencedEnvironment(
  path: string,
  {
    layers,
    network,
    cacheFolder,
  }: { layers: readonly Layer[]; network: 'off' | 'on'; cacheFolder: string | undefined },
): Record<string, string | undefined> {
  const folder = cacheFolder ?? '/tmp/.cache';
  return {
    PATH: path
      .split(':')
      .map((each) => shownFolder(each, layers))
      .join(':'),
    TMPDIR: '/tmp',
    TMP: undefined,
    TEMP: undefined,
    GIT_OPTIONAL_LOCKS: '0',
    ...Object.fromEntries(Object.entries(caches).map(([name, cache]) => [name, join(folder, cache)])),
    // With the network it downloads to the user's.
    ...(network === 'off' && { npm_config_cache: join(folder, 'npm'), npm_config_update_notifier: 'false' }),
  };
}

/** Version managers make a link in a folder that the program doesn't see, for each terminal. */
export function shownFolder(folder: string, layers: readonly Layer[]): string {
  try {
    return isCovered(folder, layers) ? realpathSync(folder) : folder;
  } catch {
    return folder;
  }
}
