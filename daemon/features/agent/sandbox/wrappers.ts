// TABLE of the programs that run another one apart from the rest of a Linux system, and how each is told what that one sees.
import { existsSync, readFileSync } from 'node:fs';
import { isInside } from '../../../base/paths.ts';
import type { ToolOutput } from '../../pipeline/analysers/run-tool.ts';
import { innermost, isCovered, type Layer } from './program-view.ts';

interface Fence {
  layers: readonly Layer[];
  network: 'off' | 'on';
  /** Where the program starts. */
  folder: string;
}

export interface Wrapper {
  program: string;
  /** What it makes, for the user. */
  about: string;
  /** Arguments of the wrapper, of which `itself` is the path. What is run comes after them. */
  args(fence: Fence, itself: string): string[];
}

/** How a wrapper ended, or what it ran. */
export type ToolEnd = Pick<ToolOutput, 'stdout' | 'stderr' | 'exitCode'>;

/** Whether something was there when the fence was planned, and is gone, such as a socket: bubblewrap then runs nothing. */
export function hasFoundGone(layers: readonly Layer[], { stdout, stderr, exitCode }: ToolEnd): boolean {
  if (exitCode !== 1 || stdout !== '' || !stderr.startsWith('bwrap: ')) return false;
  return layers.some(({ path }) => stderr.includes(path) && !existsSync(path));
}

/** The best first. Some systems allow none of them to their users. */
export const wrappers: readonly Wrapper[] = [
  { program: 'bwrap', about: about('bubblewrap'), args: (fence) => bubblewrapArgs(fence, { isSized: true }) },
  // Before 0.7 its folders take as much as the system lets them.
  { program: 'bwrap', about: about('bubblewrap'), args: (fence) => bubblewrapArgs(fence, { isSized: false }) },
  {
    program: 'unshare',
    about: about('unshare'),
    args: (fence, itself) => unshareArgs(['--pid', '--fork', '--kill-child', '--mount-proc'], fence, itself),
  },
  {
    program: 'unshare',
    about: `${about('unshare')}. They see your other processes, and can end them; with bubblewrap they might not`,
    args: (fence, itself) => unshareArgs([], fence, itself),
  },
];

function about(name: string): string {
  return `${name} keeps them from the network unless you allow it, and from your keys, from services, and from changes outside the workspace`;
}

const limits = 'ulimit -c 0; ulimit -u 2000 2>/dev/null || ulimit -p 2000 2>/dev/null';

/** Devices of processors of graphics, which tests may need. */
const devices = ['/dev/dri', '/dev/kfd', '/dev/nvidia0', '/dev/nvidiactl', '/dev/nvidia-uvm', '/dev/kvm'];

function bubblewrapArgs({ layers, network, folder }: Fence, { isSized }: { isSized: boolean }): string[] {
  const laid = layers.flatMap((layer) => {
    const { path } = layer;
    if (layer.kind === 'write') return ['--bind', path, path];
    if (layer.kind === 'read') return ['--ro-bind', path, path];
    if (layer.kind === 'hide') return layer.isFolder ? ['--tmpfs', path] : ['--dev-bind', '/dev/null', path];
    return [...(isSized ? ['--size', `${layer.megabytes * 1024 * 1024}`] : []), '--tmpfs', path];
  });
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', ...(network === 'off' ? ['--unshare-net'] : [])],
    ...['--die-with-parent', '--cap-drop', 'ALL', '--ro-bind', '/', '/', '--dev', '/dev'],
    ...devices.flatMap((path) => ['--dev-bind-try', path, path]),
    ...['--proc', '/proc', ...laid, '--chdir', folder, '--'],
    ...['/bin/sh', '-c', `${limits}; exec "$@"`, 'sh'],
  ];
}

/**
 * Its arguments are `unshare`, a user, a group, a folder to start in, steps of three words each, `--`, and what to run. Whoever lays
 * something over a path may take it away again, so what is run gets users of its own once more: those have no say over what was done
 * before. What is to be seen through what is laid over it waits in /sys meanwhile. A socket that was to be hidden may have gone by then.
 */
const launcher = `
unshare=$1; user=$2; group=$3; folder=$4; shift 4
fail() { echo "The system couldn't fence off $1." >&2; exit 125; }
while [ "$1" != -- ]; do
  case $1 in
    begin) mount -n -t tmpfs -o size=1m,mode=700 none /sys ;;
    take) if [ -d "$3" ]; then mkdir "/sys/$2"; else : >"/sys/$2"; fi && mount -n --rbind "$3" "/sys/$2" ;;
    lock) [ ! -e "$3" ] || mount -n -o "remount,bind,ro$2" "$3" || mount -n -t tmpfs -o ro,size=16k none "$3" ;;
    keep) mount -n --bind "$3" "$3" && mount -n -o remount,bind,ro "$3" ;;
    empty) mount -n -t tmpfs -o "$2" none "$3" ;;
    null) [ ! -e "$3" ] || mount -n --bind /dev/null "$3" ;;
    give)
      if [ -d "/sys/$2" ]; then mkdir -p "$3"; elif [ ! -e "$3" ]; then mkdir -p "\${3%/*}" && : >"$3"; fi &&
        mount -n --rbind "/sys/$2" "$3" ;;
    terminals) mount -n -t devpts -o newinstance,ptmxmode=0666,mode=620 none "$3" || mount -n -t tmpfs -o ro none "$3" ;;
    end) umount -n -l /sys ;;
  esac 2>/dev/null || fail "$3"
  shift 3
done
shift
ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null
${limits}
cd "$folder" || fail "$folder"
as="--map-user=$user --map-group=$group"
"$unshare" $as true 2>/dev/null || as=--map-root-user
"$unshare" $as -- "$@"
`;

function unshareArgs(namespaces: readonly string[], fence: Fence, itself: string): string[] {
  const { network, folder } = fence;
  const user = [process.getuid?.() ?? 0, process.getgid?.() ?? 0].map(String);
  return [
    ...['--map-root-user', '--mount', '--ipc', ...namespaces, ...(network === 'off' ? ['--net'] : []), '--'],
    ...['/bin/sh', '-c', launcher, 'sh', itself, ...user, folder, ...steps(fence).flat(), '--'],
  ];
}

type Step = [name: string, option: string, path: string];

/** Files of /proc by which a real root changes the system. */
const systemFiles = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus'];

function steps({ layers }: Fence): Step[] {
  const mounts = mountedFolders();
  const shown = layers.filter(({ kind }) => kind === 'write' || kind === 'read');
  const numbers = new Map(shown.map((layer, number) => [layer, String(number)]));
  const isWritten = (path: string): boolean =>
    isCovered(path, layers) || layers.some((layer) => layer.kind === 'write' && isInside(path, layer.path));
  const lock = ({ path, flags }: Pick<Mount, 'path' | 'flags'>): Step => ['lock', flags, path];
  const locked = mounts.filter(({ path, isReadOnly }) => !isReadOnly && !isWritten(path) && !isInside(path, '/proc'));
  const inSys = locked.filter(({ path }) => isInside(path, '/sys'));
  const laid = layers.flatMap((layer): Step[] => {
    const { path } = layer;
    const number = numbers.get(layer) ?? '';
    if (layer.kind === 'write') return [['give', number, path]];
    if (layer.kind === 'read')
      return [['give', number, path], lock({ path, flags: innermost(path, mounts)?.flags ?? '' })];
    if (layer.kind === 'hide') return [layer.isFolder ? ['empty', 'size=16k,mode=755', path] : ['null', '', path]];
    return [['empty', `size=${layer.megabytes}m,mode=1777`, path]];
  });
  return [
    ...inSys.map(lock),
    ['begin', '', '/sys'],
    ...[...numbers].map(([{ path }, number]): Step => ['take', number, path]),
    ...locked.filter((mount) => !inSys.includes(mount) && mount.path !== '/dev/pts').map(lock),
    ...systemFiles.filter((path) => existsSync(path)).map((path): Step => ['keep', '', path]),
    ...laid,
    ...(existsSync('/dev/pts') ? [['terminals', '', '/dev/pts'] satisfies Step] : []),
    ['end', '', '/sys'],
  ];
}

interface Mount {
  path: string;
  isReadOnly: boolean;
  /** Those that only the system may take away, each behind a comma. */
  flags: string;
}

/** None is looked at, since a disk of another machine that has gone would hold up the daemon. */
function mountedFolders(): Mount[] {
  const all = new Map<string, Mount>();
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [, , , , written, options = ''] = line.split(' ');
    if (written === undefined) continue;
    const path = written.replace(/\\([0-7]{3})/g, (_whole, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    );
    const words = options.split(',');
    const flags = ['nosuid', 'nodev', 'noexec'].filter((flag) => words.includes(flag)).map((flag) => `,${flag}`);
    all.set(path, { path, isReadOnly: words.includes('ro'), flags: flags.join('') });
  }
  return [...all.values()];
}
