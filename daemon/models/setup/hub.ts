// The hub of models: what it has as GGUF files, and where each file is. Speaks the public hub's API, which its mirrors speak as well.
import { posix } from 'node:path';
import type { Fetch } from '../../base/egress.ts';
import { CancelledError, errnoCode, UserError } from '../../base/errors.ts';
import { fitOf } from '../inference/catalogue.ts';
import { isLaterPart, isProjectorName, partsOf } from '../inference/gguf/parts.ts';
import { chooseProjector, ownProjectorName } from '../seeing/projector.ts';

/** A file to download. */
export interface PlannedFile {
  url: string;
  /** Its name on this machine. */
  name: string;
  sizeBytes?: number;
  /** As the hub says, in hexadecimal. */
  sha256?: string;
}

/** All files of one model, the first part first. */
export interface DownloadPlan {
  files: PlannedFile[];
  license?: string;
}

interface HubFile {
  model: string;
  file: string;
  quantization?: string;
  bytes: number;
  parts: number;
  fits: boolean;
  why: string;
}

export interface HubModel {
  id: string;
  downloads?: number;
  license?: string;
  isGated: boolean;
  files: HubFile[];
}

/** What of the hub one asks for: a model, and which of its files, by name or quantization. */
export interface HubReference {
  id: string;
  file?: string;
  revision?: string;
}

export interface HubDeps {
  /** The hub's address, as configured. */
  address: () => string;
  fetch: Fetch;
}

interface TreeFile {
  path: string;
  size: number;
  sha256?: string;
}

const timeoutMs = 20_000;
const maxTreePages = 20;
const defaultFound = 10;

/** What the hub says of models whose files nobody without an account sees. */
const withoutFiles = ['model-gated', 'hub-no-model'];

/** Lives as long as the daemon. Everything it throws is a UserError or a CancelledError. */
export class Hub {
  readonly #deps: HubDeps;

  constructor(deps: HubDeps) {
    this.#deps = deps;
  }

  get address(): string {
    return this.#deps.address().replace(/\/+$/, '');
  }

  /** The models whose names match, the most downloaded first, with what they hold. */
  async search(query: string, { limit = defaultFound, signal }: SearchOptions): Promise<HubModel[]> {
    const words = query.trim();
    if (words === '') throw new UserError('no-query', 'Enter a part of the name of a model.');
    const options = { filter: 'gguf', sort: 'downloads', direction: '-1', limit: String(limit) };
    const parameters = new URLSearchParams({ search: words, ...options });
    for (const field of ['downloads', 'gated', 'tags']) parameters.append('expand', field);
    const { body } = await this.#json(`/api/models?${parameters}`, { signal });
    const found = listOf(body).flatMap((entry) => modelIn(entry) ?? []);
    const whole = found.slice(0, limit).map(async (model): Promise<HubModel> => {
      const tree = await this.#tree(model.id, 'main', signal).catch((error: unknown) => {
        if (error instanceof UserError && withoutFiles.includes(error.code)) return [];
        throw error;
      });
      return { ...model, files: filesIn(model.id, tree) };
    });
    return (await Promise.all(whole)).filter(({ files, isGated }) => files.length > 0 || isGated);
  }

  /** Where the files of a model are, at the hub's present commit. */
  async plan({ id, file, revision = 'main' }: HubReference, signal: AbortSignal): Promise<DownloadPlan> {
    const { body } = await this.#json(`/api/models/${id}/revision/${encodeURIComponent(revision)}`, { signal, id });
    const { sha } = fieldsOf(body);
    const commit = typeof sha === 'string' && /^[0-9a-f]{40}$/.test(sha) ? sha : revision;
    const tree = await this.#tree(id, commit, signal);
    const chosen = choose(filesIn(id, tree), file);
    if (!chosen) throw noSuchFile(id, file, filesIn(id, tree));
    const files = partsOf(chosen).map((path) => this.#planned(tree, path, { id, commit }));
    const projector = projectorIn(tree, chosen);
    if (projector) files.push({ ...this.#planned(tree, projector.path, { id, commit }), name: projector.name });
    const license = licenseIn(body);
    return { files, ...(license && { license }) };
  }

  #planned(tree: TreeFile[], path: string, { id, commit }: { id: string; commit: string }): PlannedFile {
    const found = tree.find((each) => each.path === path);
    if (!found) throw new UserError('incomplete-model', `${id} lacks the part ${path}. Choose another file of it.`);
    const name = path.split('/').at(-1) ?? path;
    const place = path.split('/').map(encodeURIComponent).join('/');
    const url = `${this.address}/${id}/resolve/${encodeURIComponent(commit)}/${place}`;
    return { url, name, sizeBytes: found.size, ...(found.sha256 && { sha256: found.sha256 }) };
  }

  /** Every GGUF file of a model; long lists come in pages. */
  async #tree(id: string, revision: string, signal: AbortSignal): Promise<TreeFile[]> {
    const files: TreeFile[] = [];
    let next: string | undefined = `/api/models/${id}/tree/${encodeURIComponent(revision)}?recursive=true`;
    for (let page = 0; next !== undefined && page < maxTreePages; page++) {
      const { body, link }: HubAnswer = await this.#json(next, { signal, id });
      files.push(...listOf(body).flatMap((entry) => treeFileIn(entry) ?? []));
      next = nextPage(link);
    }
    return files;
  }

  async #json(path: string, { signal, id }: { signal: AbortSignal; id?: string }): Promise<HubAnswer> {
    const { address } = this;
    const { host } = new URL(address);
    try {
      const response = await this.#deps.fetch(`${address}${path}`, {
        headers: { accept: 'application/json' },
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      if (!response.ok) throw await refusalOf(response, { host, address, id });
      return { body: await response.json(), link: response.headers.get('link') };
    } catch (error) {
      if (signal.aborted) throw new CancelledError();
      if (error instanceof UserError) throw error;
      throw unreachable(host, error);
    }
  }
}

interface SearchOptions {
  limit?: number | undefined;
  signal: AbortSignal;
}

interface HubAnswer {
  body: unknown;
  link: string | null;
}

function unreachable(host: string, error: unknown): UserError {
  if (error instanceof SyntaxError)
    return new UserError('hub-unclear', `${host} didn't answer as a hub of models. Check "modelHub" in config.json.`);
  const { cause } = error as { cause?: unknown };
  const reason = errnoCode(cause) ?? errnoCode(error) ?? (error instanceof Error ? error.message : String(error));
  return new UserError('hub-unreachable', `Couldn't reach ${host} (${reason}). Check your connection and try again.`, {
    retryable: true,
    cause: error,
  });
}

/** A sentence for what the hub refuses. Without an account it says 401 both to what is gated and to what isn't there. */
async function refusalOf(
  response: Response,
  { host, address, id = 'the model' }: { host: string; address: string; id?: string | undefined },
): Promise<UserError> {
  await response.body?.cancel().catch(() => {});
  const { status, headers } = response;
  const code = headers.get('x-error-code') ?? '';
  if (status === 429) {
    const seconds = Number(headers.get('retry-after') ?? /t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1] ?? 0);
    const when = seconds > 0 ? `in ${seconds} seconds` : 'in a few minutes';
    return new UserError('hub-busy', `${host} limits how often it's asked. Try again ${when}.`, { retryable: true });
  }
  if (code === 'GatedRepo' || status === 403)
    return new UserError(
      'model-gated',
      `${host} gives ${id} only to accounts that accepted its terms. Download its GGUF file in your browser from ${address}/${id === 'the model' ? '' : id}, then add the file.`,
    );
  if (status === 404 || code === 'RepoNotFound' || status === 401)
    return new UserError('hub-no-model', `${host} has no public model ${id}. Check the name.`);
  const retryable = status >= 500;
  return new UserError('hub-refused', `${host} answered ${status}. Try again later.`, { retryable });
}

function noSuchFile(id: string, file: string | undefined, files: HubFile[]): UserError {
  if (files.length === 0) return new UserError('no-gguf', `${id} has no GGUF files. Search for one that has.`);
  const known = [...new Set(files.map(({ quantization, file: name }) => quantization ?? name))].slice(0, 20);
  return new UserError('no-such-quantization', `${id} has no file ${file}. It has ${known.join(', ')}.`);
}

/** What most people take: small, and nearly as good as the whole. */
const preferredQuantizations = ['Q4_K_M', 'Q4_K_S', 'Q4_0', 'Q5_K_M', 'Q8_0', 'MXFP4'];

/** The path of the file that is meant: by its path or name, by its quantization, or the one that most people take. */
/** What lets the chosen model see pictures, beside it or beside the folders, and under which name it is kept beside others. */
function projectorIn(tree: TreeFile[], chosen: string): { path: string; name: string } | undefined {
  const places = [posix.dirname(chosen), '.'];
  const found = tree.filter(({ path }) => isProjectorName(path) && places.includes(posix.dirname(path)));
  const model = posix.basename(chosen);
  const name = chooseProjector(model, [model, ...found.map(({ path }) => posix.basename(path))]);
  const path = found.find((file) => posix.basename(file.path) === name)?.path;
  return name === undefined || path === undefined ? undefined : { path, name: ownProjectorName(model, name) };
}

function choose(files: HubFile[], asked: string | undefined): string | undefined {
  const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
  if (asked !== undefined) {
    const named = files.find(({ file }) => same(file, asked) || same(file.split('/').at(-1), asked));
    return (named ?? files.find(({ quantization }) => same(quantization, asked)))?.file;
  }
  const preferred = preferredQuantizations.flatMap((name) => files.filter(({ quantization }) => quantization === name));
  return (preferred[0] ?? files[0])?.file;
}

/** What can be pulled of a model: whole files and first parts, without what is no model by itself. */
function filesIn(id: string, tree: TreeFile[]): HubFile[] {
  const models = tree.filter(
    ({ path }) => !isLaterPart(path) && !isProjectorName(path) && !/(^|\/)imatrix/i.test(path),
  );
  const files = models.map(({ path }): HubFile => {
    const paths = partsOf(path);
    const parts = tree.filter((each) => paths.includes(each.path));
    const bytes = parts.reduce((sum, { size }) => sum + size, 0);
    const quantization = quantizationOf(path);
    const about = { bytes, parts: paths.length, ...fitOf(bytes) };
    return { model: `${id}:${path}`, file: path, ...(quantization && { quantization }), ...about };
  });
  return files.toSorted((a, b) => a.bytes - b.bytes);
}

function quantizationOf(path: string): string | undefined {
  const names = path
    .replace(/\.gguf$/i, '')
    .match(/(?<![A-Za-z0-9])((UD-)?I?Q\d(_[A-Z0-9]+)*|BF16|F16|F32|MXFP4(_MOE)?)(?![A-Za-z0-9])/gi);
  return names?.at(-1)?.toUpperCase();
}

function modelIn(entry: unknown): Omit<HubModel, 'files'> | undefined {
  const { id, modelId, downloads, gated } = fieldsOf(entry);
  const name = [id, modelId].find((each) => typeof each === 'string');
  if (typeof name !== 'string' || !hubId.test(name)) return undefined;
  const license = licenseIn(entry);
  return {
    id: name,
    ...(typeof downloads === 'number' && { downloads }),
    ...(license && { license }),
    isGated: gated !== undefined && gated !== false,
  };
}

function licenseIn(entry: unknown): string | undefined {
  const tags = listOf(fieldsOf(entry)['tags']).filter((tag) => typeof tag === 'string');
  return tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length);
}

function treeFileIn(entry: unknown): TreeFile | undefined {
  const { type, path, size, lfs } = fieldsOf(entry);
  if (type !== 'file' || typeof path !== 'string' || !isSafePath(path)) return undefined;
  const { oid, size: lfsSize } = fieldsOf(lfs);
  const bytes = typeof lfsSize === 'number' ? lfsSize : typeof size === 'number' ? size : 0;
  return { path, size: bytes, ...(typeof oid === 'string' && /^[0-9a-f]{64}$/i.test(oid) && { sha256: oid }) };
}

/** A GGUF file whose name does not lead out of a folder. */
function isSafePath(path: string): boolean {
  return /^([A-Za-z0-9][\w.+ -]{0,200}\/)*[A-Za-z0-9][\w.-]{0,195}\.gguf$/i.test(path);
}

/** The path of the next page, at the same hub whatever the answer says. */
function nextPage(link: string | null): string | undefined {
  const address = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
  const url = address === undefined ? null : URL.parse(address, 'https://hub.invalid');
  return url ? `${url.pathname}${url.search}` : undefined;
}

const hubId = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/;

/** `owner/name`, `owner/name:file` or `owner/name:quantization`, also as the hub's own page of a file; undefined for anything else. */
export function hubReferenceOf(text: string, address: string): HubReference | undefined {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) {
    if (url.origin !== new URL(address).origin) return undefined;
    const [owner, name, way, revision, ...path] = pathOf(url).slice(1).split('/');
    const id = `${owner}/${name}`;
    if (!hubId.test(id)) return undefined;
    if (way === undefined || way === '') return { id };
    return ['resolve', 'blob'].includes(way) && revision && path.length > 0
      ? { id, revision, file: path.join('/') }
      : undefined;
  }
  const colon = text.indexOf(':');
  const id = colon < 0 ? text : text.slice(0, colon);
  const file = colon < 0 ? '' : text.slice(colon + 1);
  if (!hubId.test(id)) return undefined;
  return { id, ...(file !== '' && { file }) };
}

function pathOf({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname; // no encoding that is one
  }
}

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
