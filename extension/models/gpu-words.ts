// What is said of this machine's GPU in VS Code. Pure.
import type { Result } from '../../shared/protocol/define.ts';
import type { GpuStatus } from '../../shared/protocol/gpu.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';

export type GpuState = Result<typeof GpuStatus>;
type GpuOffer = GpuState['offers'][number];

export interface GpuChoice {
  label: string;
  detail: string;
  gpuKind?: GpuOffer['kind'];
}

/** Names the devices and the smallest download; undefined where there is nothing to get, or something is installed. */
export function gpuOffer({ devices, installed, offers }: GpuState, t: Translate = inEnglish): string | undefined {
  if (offers.length === 0 || installed.length > 0) return undefined;
  const smallest = Math.min(...offers.map(({ bytes }) => bytes));
  return t('This machine has {0}: get GPU support ({1})', devices.join(', '), megabytes(smallest));
}

/** Vulkan first: it is small and works with every vendor. */
export function gpuChoices({ offers }: Pick<GpuState, 'offers'>, t: Translate = inEnglish): GpuChoice[] {
  return offers
    .toSorted((one, other) => one.bytes - other.bytes)
    .map(({ kind, bytes }) => {
      const { name, detail } = kindWords[kind];
      return { label: t('{0}: {1} download', name, megabytes(bytes)), detail, gpuKind: kind };
    });
}

const kindWords: Readonly<Record<GpuOffer['kind'], { name: string; detail: string }>> = {
  vulkan: { name: 'Vulkan', detail: 'Works with NVIDIA, AMD, and Intel GPUs.' },
  cuda: { name: 'CUDA', detail: 'For NVIDIA GPUs only. Often faster than Vulkan there.' },
};

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
