// Runs one program for the agent: no shell, bounded time, output and processes, nothing of it left when it has ended, and no network
// where the system can keep it away. Where it can, the program doesn't see Switchyard's own folders either, nor the sockets of services
// unless it has the network: what it could say there would be said in the user's name.
import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isInside } from '../../../base/paths.ts';
import { redact } from '../../../models/secrets/scanner.ts';
import { findMachineTool } from '../../pipeline/analysers/find-tool.ts';
import { runTool, type ToolOutput } from '../../pipeline/analysers/run-tool.ts';

/** What is run: a program by its whole path. */
export interface SandboxedProgram {
  file: string;
  args: readonly string[];
  folder: string;
  /** The folder that the agent works in. */
  root: string;
  /** `on` where the user has said so, or nothing can keep it away. */
  network: 'off' | 'on';
}

export interface SandboxDeps {
  /** Folders of Switchyard's own: configuration, keys, data, the socket. */
  ownFolders: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** How long a program may run. */
  timeoutMs?: number;
}

/** What a program doesn't get. */
interface Withheld {
  /** Paths that it doesn't see. */
  hidden: readonly string[];
  network: 'off' | 'on';
}

/** A program that runs another one in namespaces of its own. `itself` is its path. */
interface Wrapper {
  program: string;
  args(withheld: Withheld, itself: string): string[];
}

const maxProcesses = 2000;

/**
 * Its arguments are `unshare`, how many paths to hide, these paths, and what to run. Whoever hides a path may show it again, so what is
 * run gets users of its own once more: those have no say over what was done before.
 */
const launcher = `
unshare=$1; n=$2; shift 2
while [ "$n" -gt 0 ]; do
  if [ -d "$1" ]; then mount -t tmpfs -o size=16k none "$1" || exit 125; else mount --bind /dev/null "$1" || exit 125; fi
  shift; n=$((n-1))
done
ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null
ulimit -u ${maxProcesses} 2>/dev/null || ulimit -p ${maxProcesses} 2>/dev/null
"$unshare" --map-root-user -- "$@"
`;

/** Arguments of `unshare` at `itself`, which are followed by what is run. */
function unshared(namespaces: readonly string[], { hidden, network }: Withheld, itself: string): string[] {
  return [
    ...['--map-root-user', '--mount', ...namespaces, ...(network === 'off' ? ['--net'] : []), '--'],
    ...['/bin/sh', '-c', launcher, 'sh', itself, `${hidden.length}`, ...hidden],
  ];
}

/** TABLE of the ways to keep the network away, the best first. Some systems allow none of them to their users. */
const wrappers: readonly Wrapper[] = [
  {
    program: 'unshare',
    args: (withheld, itself) => unshared(['--pid', '--fork', '--kill-child', '--mount-proc'], withheld, itself),
  },
  {
    program: 'bwrap',
    args: ({ hidden, network }) => [
      ...(network === 'off' ? ['--unshare-net'] : []),
      ...['--unshare-pid', '--die-with-parent', '--dev-bind', '/', '/', '--proc', '/proc'],
      ...hidden.flatMap((path) => (isFolder(path) ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path])),
      '--',
    ],
  },
  {
    program: 'unshare',
    args: (withheld, itself) => unshared([], withheld, itself),
  },
];

const sockets = [
  '/run/docker.sock',
  '/run/podman/podman.sock',
  '/run/containerd/containerd.sock',
  '/run/dbus/system_bus_socket',
];
const defaultTimeoutMs = 5 * 60_000;
const probeMs = 10_000;

/** Lives as long as the daemon. */
export class Sandbox {
  readonly #deps: SandboxDeps;
  #wrapper: Promise<Wrapper | undefined> | undefined;

  constructor(deps: SandboxDeps) {
    this.#deps = deps;
  }

  /** Whether this system can keep a program from the network. It is tried once. */
  async canIsolate(root: string): Promise<boolean> {
    this.#wrapper ??= this.#probe(root);
    return (await this.#wrapper) !== undefined;
  }

  /** Throws CancelledError once nothing of the program runs any more, and the system's own error where it can't start. */
  async run({ file, args, folder, root, network }: SandboxedProgram, signal: AbortSignal): Promise<ToolOutput> {
    const { timeoutMs = defaultTimeoutMs, env = process.env } = this.#deps;
    const wrapper = (await this.canIsolate(root)) ? await this.#wrapper : undefined;
    const wrapped = wrapper && this.#find(wrapper.program, root);
    if (network === 'off' && !wrapped) throw new Error('the network of a program cannot be turned off');
    const withheld = { hidden: this.#hidden(root, network), network };
    const command = wrapped && wrapper ? [wrapped, ...wrapper.args(withheld, wrapped), file] : [file];
    const [program = file, ...before] = command;
    const environment = reducedEnvironment(env, root);
    return await runTool({ file: program, arguments: [...before, ...args], folder, timeoutMs, environment }, signal);
  }

  async #probe(root: string): Promise<Wrapper | undefined> {
    if (process.platform !== 'linux') return undefined;
    const { signal } = new AbortController();
    for (const wrapper of wrappers) {
      const file = this.#find(wrapper.program, root);
      const works = this.#find('true', root);
      if (file === undefined || works === undefined) continue;
      const args = [...wrapper.args({ hidden: this.#hidden(root, 'off'), network: 'off' }, file), works];
      const run = { file, arguments: args, folder: '/', timeoutMs: probeMs };
      const { exitCode } = await runTool(run, signal).catch(() => ({ exitCode: null }));
      if (exitCode === 0) return wrapper;
    }
    return undefined;
  }

  #find(program: string, root: string): string | undefined {
    const { env = process.env } = this.#deps;
    return findMachineTool({ kind: 'path', programs: [program] }, { root }, env)?.file;
  }

  /** What is there of what no program should see. A folder around the one that is worked in stays; services are reached with the network. */
  #hidden(root: string, network: 'off' | 'on'): string[] {
    const { ownFolders, env = process.env } = this.#deps;
    const runtime = env['XDG_RUNTIME_DIR'];
    const services = network === 'on' ? [] : [...(runtime === undefined ? [] : [runtime]), ...sockets];
    const wanted = [...ownFolders, ...services];
    const real = wanted.flatMap((path) => (existsSync(path) ? [realpathSync(path)] : []));
    const there = real.filter((path) => !isInside(root, path));
    const outermost = there.filter((path) => !there.some((other) => other !== path && isInside(path, other)));
    return [...new Set(outermost)];
  }
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}

/** What leads to services that act in the user's name, beside what every child of the daemon doesn't get. */
const serviceVariables = [
  'DBUS_SESSION_BUS_ADDRESS',
  'DOCKER_HOST',
  'GPG_AGENT_INFO',
  'SWITCHYARD_HOME',
  'XDG_RUNTIME_DIR',
];

/** Variables for `runTool`, which leaves out what has the name of a secret. Nobody can answer a question of the program. */
function reducedEnvironment(env: NodeJS.ProcessEnv, root: string): Record<string, string | undefined> {
  const secret = Object.entries(env).flatMap(([name, value]) =>
    redact(`${name}=${value}`).secrets.length > 0 || redact(value ?? '').secrets.length > 0 ? [name] : [],
  );
  const separator = process.platform === 'win32' ? ';' : ':';
  const name = Object.keys(env).find((each) => each.toUpperCase() === 'PATH') ?? 'PATH';
  const folders = (env[name] ?? '').split(separator).filter((each) => isAbsolute(each) && !isInside(each, root));
  return {
    ...Object.fromEntries([...serviceVariables, ...secret].map((each) => [each, undefined])),
    [name]: folders.join(separator),
    GIT_TERMINAL_PROMPT: '0',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
  };
}
