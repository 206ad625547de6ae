// GPU support as the user sees it: what this machine has, and a package that is installed, tried out, and removed.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { diskError, diskFull, freeBytes, moveFile } from '../../../base/disk.ts';
import { throwIfCancelled, UserError } from '../../../base/errors.ts';
import type { Inference } from '../inference.ts';
import { type GpuSurvey, surveyGpus } from './detect.ts';
import { fetchWithNpm, type PackageFetch } from './npm.ts';
import { type GpuKind, type GpuPackage, gpuKinds, gpuPackagesFor, gpuPackageVersion } from './packages.ts';
import { integrityOf, unpackPackage } from './tarball.ts';

export interface GpuStatus {
  /** Names of the devices. */
  devices: string[];
  installed: GpuKind[];
  /** What can be installed for these devices, and how many bytes are downloaded for it. */
  offers: { kind: GpuKind; bytes: number }[];
  /** All of it in a sentence or two. */
  detail: string;
}

export interface GpuInstallRequest {
  kind: GpuKind;
  /** Packages that are on this machine already, in the place of a download. */
  files?: readonly string[];
  /** The PATH on which npm is looked for. */
  path: string;
  signal: AbortSignal;
  onStep?: (sentence: string) => void;
}

/** Which kind of GPU llama.cpp works on, and how in words; where it does not, `detail` says why. */
export interface GpuTrial {
  ok: boolean;
  detail: string;
  gpu?: string;
}

export interface GpuSupportDeps {
  /** Where packages are kept. */
  folder: string;
  /** What keeps npm from being run, since it heeds no limit of Switchyard's; undefined where nothing does. */
  whyOffline(): string | undefined;
  /** Tries in a child what is in a folder. */
  probe(folder: string, signal: AbortSignal): Promise<GpuTrial>;
  /** What is installed has changed. */
  onChange(): Promise<void>;
  survey?: () => Promise<GpuSurvey>;
  fetchPackage?: (request: PackageFetch) => Promise<string>;
  packagesFor?: (kind: GpuKind) => readonly GpuPackage[];
  freeBytes?: (folder: string) => number | undefined;
}

/** Where the packages of this version are, below the folder of all. */
export function gpuPackageFolder(folder: string): string {
  return join(folder, gpuPackageVersion);
}

/** npm heeds no limit of Switchyard's, so where one is set it is not run. Undefined where none is. */
export function whyNoNpm({ localOnly, allowHosts }: { localOnly: boolean; allowHosts: unknown }): string | undefined {
  if (localOnly) return '"Local only" is on, so nothing was downloaded.';
  if (allowHosts === undefined) return undefined;
  return '"network.allowHosts" in config.json limits where Switchyard connects, and npm can\'t be held to it, so nothing was downloaded.';
}

const sameDirection = 0.99; // cosine; GPUs round in other places than a CPU does, by far less

/** Whether a GPU works: it is found, and computes for a model what the same model computes without the packages that are tried. */
export async function compareGpu(
  {
    trial,
    inference,
    model,
  }: { trial: Pick<Inference, 'probe' | 'embed'>; inference: Pick<Inference, 'embed'>; model: string },
  signal: AbortSignal,
): Promise<GpuTrial> {
  const probed = await trial.probe();
  if (!probed.ok || probed.gpu === undefined) return probed;
  const request = { path: model, texts: ['A GPU computes what a CPU computes, only faster.'] };
  try {
    const [[vector], [known]] = await Promise.all([trial.embed(request, signal), inference.embed(request, signal)]);
    const cosine = known?.reduce((sum, value, i) => sum + value * (vector?.[i] ?? 0), 0) ?? 0;
    if (cosine >= sameDirection) return probed;
    return { ok: false, detail: 'the GPU computed something else than the CPU' };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Lives as long as the daemon. */
export class GpuSupport {
  readonly #deps: Required<GpuSupportDeps>;
  #isChanging = false;

  constructor(deps: GpuSupportDeps) {
    this.#deps = { survey: surveyGpus, fetchPackage: fetchWithNpm, packagesFor: gpuPackagesFor, freeBytes, ...deps };
  }

  async status(): Promise<GpuStatus> {
    const survey = await this.#deps.survey();
    const folder = gpuPackageFolder(this.#deps.folder);
    const installed = gpuKinds.filter((kind) => existsSync(join(folder, kind)));
    const usable = gpuKinds.filter((kind) => (kind === 'cuda' ? survey.hasNvidia : survey.hasVulkan));
    const offers = usable
      .filter((kind) => survey.devices.length > 0 && !installed.includes(kind))
      .map((kind) => ({ kind, bytes: bytesOf(this.#deps.packagesFor(kind)) }))
      .filter(({ bytes }) => bytes > 0);
    return { devices: survey.devices, installed, offers, detail: describe(survey, installed, offers) };
  }

  /**
   * Installs the packages of a kind, once llama.cpp has worked on a GPU with them; until then, and where it does not, nothing changes.
   * Returns what it runs on. Throws UserError and CancelledError.
   */
  async install(request: GpuInstallRequest): Promise<string> {
    return await this.#alone(async () => {
      const staging = join(this.#deps.folder, 'staging');
      try {
        await rm(staging, { recursive: true, force: true });
        return await this.#install(request, staging);
      } catch (error) {
        throw diskError(error, this.#deps.folder) ?? error;
      } finally {
        await rm(staging, { recursive: true, force: true }).catch(() => {}); // the next one removes it
      }
    });
  }

  /** Whether there was anything. Throws UserError. */
  async remove(): Promise<boolean> {
    return await this.#alone(async () => {
      const had = (await readdir(this.#deps.folder).catch(() => [])).length > 0;
      try {
        await rm(this.#deps.folder, { recursive: true, force: true, maxRetries: 3 });
      } catch (error) {
        throw diskError(error, this.#deps.folder) ?? error;
      }
      if (had) await this.#deps.onChange();
      return had;
    });
  }

  async #install({ kind, files, path, signal, onStep }: GpuInstallRequest, staging: string): Promise<string> {
    const packages = this.#deps.packagesFor(kind);
    if (packages.length === 0) throw unsupported(kind);
    this.#requireSpace(packages);
    for (const wanted of packages) {
      const target = join(staging, kind, basename(wanted.name));
      await mkdir(target, { recursive: true });
      onStep?.(`${files ? 'Checking' : 'Downloading'} ${wanted.name} (${megabytes(wanted.bytes)})`);
      const file = files
        ? await chosenFile(wanted, files, signal)
        : await this.#download(wanted, { path, signal, folder: join(staging, 'download') });
      await unpackPackage(file, target, signal);
      await rm(join(staging, 'download'), { recursive: true, force: true });
    }
    throwIfCancelled(signal);
    onStep?.('Trying it out');
    const probed = await this.#deps.probe(staging, signal);
    if (probed.gpu !== kind) throw unusable(kind, probed);
    const folder = gpuPackageFolder(this.#deps.folder);
    await mkdir(folder, { recursive: true });
    await rm(join(folder, kind), { recursive: true, force: true, maxRetries: 3 });
    await moveFile(join(staging, kind), join(folder, kind));
    await this.#removeOtherVersions();
    await this.#deps.onChange();
    return probed.detail;
  }

  async #download(
    { name, integrity }: GpuPackage,
    { folder, ...request }: Pick<PackageFetch, 'path' | 'signal' | 'folder'>,
  ): Promise<string> {
    const offline = this.#deps.whyOffline();
    if (offline !== undefined)
      throw new UserError(
        'local-only',
        `${offline} Download ${name} ${gpuPackageVersion} as a .tgz file elsewhere, and run \`switchyard gpu install FILE\`.`,
      );
    await mkdir(folder, { recursive: true });
    const file = await this.#deps.fetchPackage({ name, version: gpuPackageVersion, folder, ...request });
    if ((await integrityOf(file, request.signal)) === integrity) return file;
    throw new UserError(
      'wrong-checksum',
      `The registry's ${name} ${gpuPackageVersion} differs from the published one (SHA-512 mismatch), so it was deleted. Check which registry \`npm config get registry\` names, then try again.`,
      { retryable: true },
    );
  }

  #requireSpace(packages: readonly GpuPackage[]): void {
    const needed = packages.reduce((sum, { bytes, unpackedBytes }) => sum + bytes + unpackedBytes, 0);
    const free = this.#deps.freeBytes(join(this.#deps.folder, '..'));
    if (free !== undefined && free < needed) {
      const why = `It needs ${megabytes(needed)}, and ${megabytes(free)} are free.`;
      throw diskFull(this.#deps.folder, new Error(why));
    }
  }

  async #removeOtherVersions(): Promise<void> {
    for (const name of await readdir(this.#deps.folder))
      if (name !== gpuPackageVersion && name !== 'staging')
        await rm(join(this.#deps.folder, name), { recursive: true, force: true }).catch(() => {}); // a daemon of that version uses it
  }

  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isChanging)
      throw new UserError('gpu-busy', 'GPU support is being installed or removed already. Wait until that is done.', {
        retryable: true,
      });
    this.#isChanging = true;
    try {
      return await work();
    } finally {
      this.#isChanging = false;
    }
  }
}

async function chosenFile(
  { name, integrity }: GpuPackage,
  files: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  for (const file of files) if (existsSync(file) && (await integrityOf(file, signal)) === integrity) return file;
  throw new UserError(
    'wrong-package',
    `None of the files is ${name} ${gpuPackageVersion} as it was published. On a machine with npm, run \`npm pack ${name}@${gpuPackageVersion}\` to get it.`,
  );
}

function describe({ devices }: GpuSurvey, installed: readonly GpuKind[], offers: GpuStatus['offers']): string {
  if (installed.length > 0) return `GPU support is installed (${installed.map((kind) => kindNames[kind]).join(', ')}).`;
  if (devices.length === 0) return 'No GPU found. Models run on the CPU.';
  const machine = `This machine has ${devices.join(', ')}`;
  if (process.platform === 'darwin') return `${machine}. GPU support (Metal) is part of Switchyard.`;
  const vulkan = offers.find(({ kind }) => kind === 'vulkan');
  if (vulkan) return `${machine}. To use it, run \`switchyard gpu install\` (${megabytes(vulkan.bytes)}).`;
  if (gpuPackagesFor('vulkan').length === 0)
    return `${machine}, but there is no GPU support for ${process.platform}-${process.arch}. Models run on the CPU.`;
  const cuda = offers.find(({ kind }) => kind === 'cuda');
  const orCuda = cuda ? ` Or run \`switchyard gpu install --cuda\` (${megabytes(cuda.bytes)}).` : '';
  return `${machine}, but no Vulkan loader, so models run on the CPU. Install the loader (on Debian and Ubuntu, libvulkan1), then look again.${orCuda}`;
}

const kindNames: Readonly<Record<GpuKind, string>> = { cuda: 'CUDA', vulkan: 'Vulkan' };

function unsupported(kind: GpuKind): UserError {
  const why =
    process.platform === 'darwin'
      ? 'On a Mac, GPU support is part of Switchyard.'
      : `There is no GPU support (${kindNames[kind]}) for ${process.platform}-${process.arch}.`;
  return new UserError('gpu-unsupported', `${why} Nothing was installed.`);
}

function unusable(kind: GpuKind, { ok, detail }: GpuTrial): UserError {
  const why = ok ? `llama.cpp found no GPU that it can use with ${kindNames[kind]}` : detail.replace(/\.$/, '');
  return new UserError(
    'gpu-unusable',
    `GPU support was downloaded, but didn't work here: ${why}. It was removed again, and models still run on the CPU. Check the GPU's driver, then try again.`,
  );
}

function bytesOf(packages: readonly GpuPackage[]): number {
  return packages.reduce((sum, { bytes }) => sum + bytes, 0);
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
