// In the inference host: node-llama-cpp finds the packages that were installed into the data folder.
import { existsSync } from 'node:fs';
import nodeModule from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type GpuKind, gpuKinds } from './packages.ts';

/** Resolves imports of GPU packages from a folder, for the rest of this process. Returns what is there, the fastest first. */
export function resolveGpuPackages(folder: string): GpuKind[] {
  const kinds = gpuKinds.filter((kind) => existsSync(join(folder, kind)));
  if (kinds.length === 0 || typeof nodeModule.registerHooks !== 'function') return []; // it came with Node 22.15
  nodeModule.registerHooks({
    resolve(specifier, context, next) {
      const entry = entryOf(specifier, folder, kinds);
      if (entry === undefined) return next(specifier, context);
      return { url: pathToFileURL(entry).href, format: 'module', shortCircuit: true };
    },
  });
  return kinds;
}

function entryOf(specifier: string, folder: string, kinds: readonly GpuKind[]): string | undefined {
  const [, name, kindName] = /^@node-llama-cpp\/(\w+-\w+-(\w+)(?:-ext)?)$/.exec(specifier) ?? [];
  const kind = kinds.find((known) => known === kindName);
  if (kind === undefined || name === undefined) return undefined;
  const entry = join(folder, kind, name, 'dist', 'index.js');
  return existsSync(entry) ? entry : undefined;
}
