// What a user names when they want a model, and the ways to get it: the hub, an address, the machine's own pip, or Ollama.
import { mkdir } from 'node:fs/promises';
import type { Config } from '../../base/config/config.ts';
import type { Fetch } from '../../base/egress.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import { type CatalogueModel, catalogue, urlAt } from '../inference/catalogue.ts';
import { fileName } from '../inference/download.ts';
import { isLaterPart, partsOf } from '../inference/gguf/parts.ts';
import type { Downloads, PullWatch } from './downloads.ts';
import { type DownloadPlan, type Hub, hubReferenceOf } from './hub.ts';
import { modelFromPackage } from './wheel.ts';

export interface PullDeps {
  config: () => Config;
  /** The models folder. */
  folder: string;
  hub: Hub;
  downloads: Downloads;
  fetch: Fetch;
}

/** A model's first file, and what is known of it. */
export interface PulledModel {
  path: string;
  license?: string;
}

/** Throws UserError, InferenceError, or CancelledError. */
export async function pullFile(model: string, deps: PullDeps, watch: PullWatch): Promise<PulledModel> {
  await mkdir(deps.folder, { recursive: true, mode: 0o700 });
  const listed = catalogue.find(({ id }) => id === model);
  if (listed) return { path: await pullListed(listed, deps, watch), license: listed.license };
  const plan = await planOf(model, deps, watch.signal);
  const path = await deps.downloads.get(model, plan, watch);
  return { path, ...(plan.license && { license: plan.license }) };
}

async function planOf(model: string, { hub }: PullDeps, signal: AbortSignal): Promise<DownloadPlan> {
  const reference = hubReferenceOf(model, hub.address);
  if (reference) return await hub.plan(reference, signal);
  const name = fileName(model); // refuses what is no address of a GGUF file
  if (isLaterPart(name))
    throw new UserError('later-part', `${name} continues another file. Enter the address of the first part.`);
  return { files: partsOf(name).map((part) => ({ name: part, url: addressOf(part, model) })) };
}

/** Beside another file, with the same query. */
function addressOf(name: string, beside: string): string {
  const url = new URL(beside);
  url.pathname = url.pathname.replace(/[^/]*$/, name);
  return url.href;
}

/** Refusals that hold for whatever way a model would take, or that another way would run into as well. */
const finalCodes = ['local-only', 'host-not-allowed', 'disk-full', 'folder-not-writable', 'name-taken'];

/** From the hub, and where that is out of reach, out of the package that holds the same file. */
async function pullListed(listed: CatalogueModel, deps: PullDeps, watch: PullWatch): Promise<string> {
  const { id, package: from, sha256, sizeBytes } = listed;
  const { proxy, allowHosts } = deps.config().network;
  try {
    return await deps.downloads.get(id, await planOfListed(listed, deps, watch.signal), watch);
  } catch (error) {
    const code = error instanceof UserError ? error.code : undefined;
    if (watch.signal.aborted || !from || !sha256 || finalCodes.includes(code ?? '')) throw error;
    if (allowHosts) throw error; // pip goes where its own configuration says
    try {
      const onBytes = (received: number, total?: number): void =>
        watch.onProgress({ received, ...(total !== undefined && { total }) });
      const { folder } = deps;
      const path = await modelFromPackage({
        package: from,
        folder,
        sizeBytes,
        sha256,
        proxy,
        signal: watch.signal,
        onBytes,
      });
      await deps.downloads.forget(id); // of the hub
      return path;
    } catch (second) {
      if (watch.signal.aborted) throw new CancelledError();
      throw neitherWay(id, error, second);
    }
  }
}

/** What is pinned here needs no word of the hub's. */
async function planOfListed(listed: CatalogueModel, { hub }: PullDeps, signal: AbortSignal): Promise<DownloadPlan> {
  const { hub: id, file, sha256, sizeBytes } = listed;
  if (sha256 === undefined) return await hub.plan({ id, file }, signal);
  return { files: [{ url: urlAt(hub.address, listed), name: file, sha256, sizeBytes }] };
}

function neitherWay(model: string, hub: unknown, pip: unknown): UserError {
  const [first, then] = [hub, pip].map((error) => (error instanceof Error ? error.message : String(error)));
  return new UserError('model-out-of-reach', `Couldn't get ${model} in either way. ${first} ${then}`, {
    retryable: true,
    cause: pip,
  });
}
