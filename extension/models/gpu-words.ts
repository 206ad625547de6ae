// What is said of this machine's GPU in VS Code. Pure.
import type { Result } from '../../shared/protocol/define.ts';
import type { GpuStatus } from '../../shared/protocol/gpu.ts';

export type GpuState = Result<typeof GpuStatus>;
type GpuOffer = GpuState['offers'][number];

export interface GpuChoice {
  label: string;
  detail: string;
  gpuKind?: GpuOffer['kind'];
}

/** Names the devices and the smallest download; undefined where there is nothing to get, or something is installed. */
export function gpuOffer({ devices, installed, offers }: GpuState): string | undefined {
  if (offers.length === 0 || installed.length > 0) return undefined;
  const smallest = Math.min(...offers.map(({ bytes }) => bytes));
  return `This machine has ${devices.join(', ')}: get GPU support (${megabytes(smallest)})`;
}

/** Vulkan first: it is small and works with every vendor. */
export function gpuChoices({ offers }: Pick<GpuState, 'offers'>): GpuChoice[] {
  return offers
    .toSorted((one, other) => one.bytes - other.bytes)
    .map(({ kind, bytes }) => {
      const { name, detail } = kindWords[kind];
      return { label: `${name}: ${megabytes(bytes)} download`, detail, gpuKind: kind };
    });
}

const kindWords: Readonly<Record<GpuOffer['kind'], { name: string; detail: string }>> = {
  vulkan: { name: 'Vulkan', detail: 'Works with NVIDIA, AMD, and Intel GPUs.' },
  cuda: { name: 'CUDA', detail: 'For NVIDIA GPUs only. Often faster than Vulkan there.' },
};

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
