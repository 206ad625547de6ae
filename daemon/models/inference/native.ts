// Loads node-llama-cpp, in the host process only. Never builds, never downloads, never writes to the terminal.
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Llama } from 'node-llama-cpp';
import type { GpuKind } from './gpu/packages.ts';
import { resolveGpuPackages } from './gpu/resolve.ts';
import { InferenceError } from './inference.ts';

type LlamaModule = typeof import('node-llama-cpp');

export interface Native {
  module: LlamaModule;
  llama: Llama;
}

/**
 * Loads the native part with the best GPU that works here, or without one; packages for GPUs may be in a folder of their own. Throws
 * InferenceError (`inference-missing`).
 */
export async function loadNative(gpuFolder?: string): Promise<Native> {
  try {
    const installed = gpuFolder === undefined ? [] : resolveGpuPackages(gpuFolder);
    const module = await import('node-llama-cpp');
    return { module, llama: await startLlama(module, installed.length > 0 ? installed : ['auto']) };
  } catch (error) {
    throw new InferenceError(
      'inference-missing',
      `Local models can't run here: ${firstLine(error)}. Reinstall Switchyard for this system, or use Ollama or a provider with an API key.`,
      error,
    );
  }
}

async function startLlama(module: LlamaModule, gpus: readonly (GpuKind | 'auto')[]): Promise<Llama> {
  const quiet = {
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: module.LlamaLogLevel.error,
    logger: () => {},
  } as const;
  // llama.cpp's threads wait for each other by spinning: one that shares its core with the editor delays all of them.
  const maxThreads = Math.max(1, availableParallelism() - 1);
  for (const gpu of gpus)
    try {
      const llama = await module.getLlama({ ...quiet, gpu, maxThreads });
      if (llama.gpu === false || (await llama.getGpuDeviceNames()).length > 0) return withMathCores(llama);
      await llama.dispose(); // its driver is here, but no device
    } catch {
      // no such GPU, or none that works: the next one, and in the end the CPU
    }
  return withMathCores(await module.getLlama({ ...quiet, gpu: false, maxThreads }));
}

/** Slow cores and second threads of a core do not help: llama.cpp counts those that do. */
function withMathCores(llama: Llama): Llama {
  llama.maxThreads = Math.max(1, Math.min(llama.maxThreads, llama.cpuMathCores));
  return llama;
}

/** More than these do not help, even where nothing else runs. */
export function maxThreadsOf({ llama }: Native): number {
  return Math.max(1, Math.min(availableParallelism(), llama.cpuMathCores));
}

const maxLogTurns = 20;

/** Opens a context, and hears whether flash attention is on: llama.cpp decides that by itself, and tells it only to its log. */
export async function openContext<Context>(
  { llama, module }: Native,
  open: () => Promise<Context>,
): Promise<{ context: Context; flashAttention?: boolean }> {
  const { logger, logLevel } = llama;
  let said: string | undefined;
  llama.logger = (_level, line) => {
    said = /Flash Attention (enabled|not supported)/.exec(line)?.[1] ?? said;
  };
  llama.logLevel = module.LlamaLogLevel.info;
  try {
    const context = await open();
    for (let turns = 0; said === undefined && turns < maxLogTurns; turns++) await setImmediate(); // its lines come on a way of their own
    return { context, ...(said !== undefined && { flashAttention: said === 'enabled' }) };
  } finally {
    Object.assign(llama, { logger, logLevel });
  }
}

/** A chat template, filled by llama.cpp's own engine. */
export interface ChatTemplate {
  /** Throws where the template refuses what it is given. */
  render(values: Record<string, unknown>): string;
}

/** node-llama-cpp has the engine but doesn't export it: its own wrapper fills in other texts than the messages. */
export function newChatTemplate({ llama }: Native, template: string): ChatTemplate {
  const { _bindings: bindings } = llama as unknown as {
    _bindings: { AddonJinjaRenderer: new (template: string) => ChatTemplate };
  };
  return new bindings.AddonJinjaRenderer(template);
}

export async function describeNative({ llama }: Native): Promise<{ detail: string; gpu?: string }> {
  const on =
    llama.gpu === false
      ? `the CPU (threads: ${llama.maxThreads})`
      : `the GPU (${[llama.gpu, ...(await llama.getGpuDeviceNames())].join(', ')})`;
  return {
    detail: `llama.cpp ${llama.llamaCppRelease.release} on ${on}`,
    ...(llama.gpu !== false && { gpu: llama.gpu }),
  };
}

export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n', 1)[0] ?? '').replace(/\.$/, '');
}
