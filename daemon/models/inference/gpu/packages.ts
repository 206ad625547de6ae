// The packages with llama.cpp for GPUs, which an installation of Switchyard leaves out. A digest that is known here makes every registry,
// mirror and file as good as another. A new version of node-llama-cpp needs new rows: `npm pack NAME@VERSION --json` says all three numbers.

/** The fastest first. */
export const gpuKinds = ['cuda', 'vulkan'] as const;
export type GpuKind = (typeof gpuKinds)[number];

export interface GpuPackage {
  name: string;
  /** Of its file, as npm writes it. */
  integrity: string;
  bytes: number;
  unpackedBytes: number;
}

/** Of node-llama-cpp and of its packages alike. */
export const gpuPackageVersion = '3.21.1';

/** By platform and kind, the CUDA ones with the libraries of CUDA itself. */
const packages: Readonly<Record<string, readonly GpuPackage[]>> = {
  'linux-x64-vulkan': [
    {
      name: '@node-llama-cpp/linux-x64-vulkan',
      integrity: 'sha512-flEeSzONQ6OIm5bYKLQf4eEnBzcC5WugFbyPUwkCqyyOFZ8pH0H9ulQ7ZNDLSIczeKneMRJornlyY1Hq7d3GDA==',
      bytes: 27_476_121,
      unpackedBytes: 84_483_299,
    },
  ],
  'linux-x64-cuda': [
    {
      name: '@node-llama-cpp/linux-x64-cuda',
      integrity: 'sha512-idsE55VoD/FbvLhnBC9krUJaUoC0XnebseAAnCpm/brKf61HEbu+idgbb5eN6mxkjLSrHtILprJ0nDcUJjVrFg==',
      bytes: 142_850_036,
      unpackedBytes: 188_693_843,
    },
    {
      name: '@node-llama-cpp/linux-x64-cuda-ext',
      integrity: 'sha512-1PuURowccBcks3CCoMe1mTHh5vD0V5bFHMUEgtbI/OSDjpP+Pdbn+lf42CGUrepTzR8kCH1HovQ7d8q6/vuIKA==',
      bytes: 176_679_086,
      unpackedBytes: 374_197_990,
    },
  ],
  'win32-x64-vulkan': [
    {
      name: '@node-llama-cpp/win-x64-vulkan',
      integrity: 'sha512-HJ237Azh5m4Sz+w3A1IU/fYLaSDOocskcfn2ILTgqTuuORCB86EMnu3Yt/XsNhRHTtEiwz1Q/E0mO4PLIbZLAA==',
      bytes: 26_619_567,
      unpackedBytes: 103_426_656,
    },
  ],
  'win32-x64-cuda': [
    {
      name: '@node-llama-cpp/win-x64-cuda',
      integrity: 'sha512-PLz70neFEMkQTlmJqG1ujUtCSgHasLPMxQ9rLkqQVmZYAXqkRj+45TIHCjdn3XqUeaoun0vrO9rRaxZ8NVq9jg==',
      bytes: 138_542_727,
      unpackedBytes: 175_510_346,
    },
    {
      name: '@node-llama-cpp/win-x64-cuda-ext',
      integrity: 'sha512-L2MxLVEYPDDe4O8EDWPmX6brldc9+Vt9hNoT/anj3pSnmrjkQcmaoKhHs6oP5qhEhb5Uog0rj6lgzNGtJO3p9Q==',
      bytes: 175_417_684,
      unpackedBytes: 367_830_717,
    },
  ],
};

/** None where there is no such build for the platform. */
export function gpuPackagesFor(
  kind: GpuKind,
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): readonly GpuPackage[] {
  return packages[`${platform}-${arch}-${kind}`] ?? [];
}
