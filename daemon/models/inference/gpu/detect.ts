// Which GPUs this machine has, asked without any package for them: files of the system, and two programs of its vendors.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

export interface GpuSurvey {
  /** Names as their drivers say them, each once. */
  devices: string[];
  /** Whether a program can reach the devices through Vulkan. */
  hasVulkan: boolean;
  hasNvidia: boolean;
}

/** Where a survey looks; this machine where left out. */
export interface SurveyedMachine {
  platform?: NodeJS.Platform;
  arch?: string;
  /** The root of the file system. */
  root?: string;
  env?: NodeJS.ProcessEnv;
  /** The output of a program of the system, empty where it fails. */
  ask?: (program: string, args: readonly string[]) => Promise<string>;
}

const askTimeoutMs = 5000; // the first call of a driver's tool wakes the card

/** Throws nothing: what cannot be asked is not there. */
export async function surveyGpus(machine: SurveyedMachine = {}): Promise<GpuSurvey> {
  const { platform = process.platform, arch = process.arch } = machine;
  if (platform === 'darwin') {
    const devices = arch === 'arm64' ? [cpus()[0]?.model ?? 'Apple GPU'] : [];
    return { devices, hasVulkan: false, hasNvidia: false };
  }
  return platform === 'win32' ? await surveyWindows(machine) : await surveyLinux(machine);
}

async function surveyLinux({ root = '/', env = process.env, ask = askProgram }: SurveyedMachine): Promise<GpuSurvey> {
  const [ofDriver, ofSystem] = await Promise.all([nvidiaFiles(root), displayAdapters(root)]);
  const tool = smiFolders(env.PATH, root)
    .map((folder) => join(folder, 'nvidia-smi'))
    .find((file) => existsSync(file));
  const asked = ofDriver.length === 0 && tool ? nvidiaSmiNames(await ask(tool, smiArguments)) : [];
  const nvidia = [...ofDriver, ...asked];
  const others = ofSystem.filter(({ vendor }) => vendor !== 'NVIDIA' || nvidia.length === 0);
  const folders = ['usr/lib', 'usr/lib64', 'usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'lib64'];
  const loaders = [
    ...folders.map((folder) => join(root, folder)),
    join(root, 'run/opengl-driver/lib'),
    ...absoluteParts(env.LD_LIBRARY_PATH),
  ];
  return {
    devices: unique([...nvidia, ...others.map(({ name }) => name)]),
    hasVulkan: loaders.some((folder) => existsSync(join(folder, 'libvulkan.so.1'))),
    hasNvidia: nvidia.length > 0,
  };
}

async function surveyWindows({ env = process.env, ask = askProgram }: SurveyedMachine): Promise<GpuSurvey> {
  const system = join(env.SystemRoot ?? 'C:\\Windows', 'System32');
  const listed = await ask(join(system, 'reg.exe'), [
    'query',
    'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}', // display adapters
    '/s',
    '/v',
    'DriverDesc',
  ]);
  return {
    devices: unique(registryNames(listed)),
    hasVulkan: existsSync(join(system, 'vulkan-1.dll')),
    hasNvidia: existsSync(join(system, 'nvcuda.dll')),
  };
}

const smiArguments = ['--query-gpu=name', '--format=csv,noheader'];

/** WSL has the tool outside of the PATH. */
function smiFolders(path: string | undefined, root: string): string[] {
  return [...absoluteParts(path), join(root, 'usr/lib/wsl/lib')];
}

function absoluteParts(list: string | undefined): string[] {
  return (list ?? '').split(delimiter).filter((part) => isAbsolute(part));
}

async function nvidiaFiles(root: string): Promise<string[]> {
  const folder = join(root, 'proc/driver/nvidia/gpus');
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, name, 'information'), 'utf8').catch(() => '')),
  );
  return texts.flatMap(nvidiaInformationName);
}

/** Of `/proc/driver/nvidia/gpus/…/information`. */
export function nvidiaInformationName(text: string): string[] {
  const name = /^Model:[ \t]+(.+?)[ \t]*$/m.exec(text)?.[1];
  return name === undefined ? [] : [withMaker('NVIDIA', name)];
}

/** Of `nvidia-smi --query-gpu=name --format=csv,noheader`, which tells of its failures on stdout too. */
export function nvidiaSmiNames(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  if (lines.some((line) => /failed|error|no devices|couldn't|unable/i.test(line))) return [];
  return lines.filter((line) => line !== '').map((name) => withMaker('NVIDIA', name));
}

function withMaker(maker: string, name: string): string {
  return name.startsWith(maker) ? name : `${maker} ${name}`;
}

/** Of `reg query … /v DriverDesc`. Adapters of virtual machines, remote desktops, and Windows itself compute nothing. */
export function registryNames(text: string): string[] {
  return [...text.matchAll(/^\s+DriverDesc\s+REG_SZ\s+(.+?)\s*$/gm)]
    .map(([, name = '']) => name)
    .filter((name) => /nvidia|geforce|quadro|tesla|amd|radeon|intel|arc\b|adreno/i.test(name));
}

const vendors: Readonly<Record<string, string>> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };

/** Vendors by the PCI ids of `/sys/class/drm/card…/device`; screens of virtual machines have others. */
async function displayAdapters(root: string): Promise<{ vendor: string; name: string }[]> {
  const folder = join(root, 'sys/class/drm');
  const cards = (await readdir(folder).catch(() => [])).filter((name) => /^card\d+$/.test(name));
  const found = await Promise.all(
    cards.map(async (card) => {
      const id = await readFile(join(folder, card, 'device/vendor'), 'utf8').catch(() => '');
      const vendor = vendors[id.trim().toLowerCase()];
      return vendor === undefined ? [] : [{ vendor, name: `${vendor} GPU` }];
    }),
  );
  return found.flat();
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function askProgram(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: askTimeoutMs, maxBuffer: 1024 * 1024, windowsHide: true };
    execFile(program, [...args], options, (error, stdout) => resolve(error ? '' : stdout));
  });
}
