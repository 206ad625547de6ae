// What is read of a machine's GPUs, from recorded outputs and from folders that are laid out as Linux has them.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import {
  nvidiaInformationName,
  nvidiaSmiNames,
  registryNames,
  surveyGpus,
} from '../../../../../daemon/models/inference/gpu/detect.ts';

const registry = String.raw`
HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}\0000
    DriverDesc    REG_SZ    Intel(R) Iris(R) Xe Graphics

HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}\0001
    DriverDesc    REG_SZ    NVIDIA GeForce RTX 4070 Laptop GPU

HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}\0002
    DriverDesc    REG_SZ    Microsoft Remote Display Adapter

End of search: 3 match(es) found.
`.replaceAll('\n', '\r\n');

const information = `Model: \t\t NVIDIA GeForce RTX 3090
IRQ:   \t\t 148
GPU UUID: \t GPU-0c1f0a4e-0000-0000-0000-000000000000
Bus Type: \t PCIe
`;

describe('the survey of GPUs', () => {
  for (const [what, read, text, names] of [
    ['the NVIDIA driver', nvidiaInformationName, information, ['NVIDIA GeForce RTX 3090']],
    ['an old NVIDIA driver', nvidiaInformationName, 'Model: \t GeForce GTX 1080\n', ['NVIDIA GeForce GTX 1080']],
    ['a file of the driver that says nothing', nvidiaInformationName, 'IRQ: 148\n', []],
    ['nvidia-smi', nvidiaSmiNames, 'NVIDIA H100 PCIe\nTesla T4\n', ['NVIDIA H100 PCIe', 'NVIDIA Tesla T4']],
    [
      'nvidia-smi without its driver',
      nvidiaSmiNames,
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
      [],
    ],
    ['nvidia-smi without a card', nvidiaSmiNames, 'No devices were found\n', []],
    [
      'the registry of Windows',
      registryNames,
      registry,
      ['Intel(R) Iris(R) Xe Graphics', 'NVIDIA GeForce RTX 4070 Laptop GPU'],
    ],
    ['an empty registry', registryNames, 'End of search: 0 match(es) found.\r\n', []],
  ] as const)
    it(`reads the names that ${what} tells`, () => {
      assert.deepEqual(read(text), names);
    });

  describe('on Linux', () => {
    let root: string;
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'switchyard-gpu-'));
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    const lay = (files: Record<string, string>): void => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), text);
      }
    };
    const loader = { 'usr/lib/x86_64-linux-gnu/libvulkan.so.1': '' };
    const card = (vendor: string): Record<string, string> => ({ 'sys/class/drm/card1/device/vendor': `${vendor}\n` });
    const driver = { 'proc/driver/nvidia/gpus/0000:01:00.0/information': information };

    for (const [what, files, survey] of [
      ['nothing', {}, { devices: [], hasVulkan: false, hasNvidia: false }],
      [
        "a virtual machine's screen",
        { ...card('0x1af4'), ...loader },
        { devices: [], hasVulkan: true, hasNvidia: false },
      ],
      ['an AMD card', { ...card('0x1002'), ...loader }, { devices: ['AMD GPU'], hasVulkan: true, hasNvidia: false }],
      ['an Intel card without Vulkan', card('0x8086'), { devices: ['Intel GPU'], hasVulkan: false, hasNvidia: false }],
      [
        'an NVIDIA card, once',
        { ...card('0x10de'), ...driver, ...loader },
        { devices: ['NVIDIA GeForce RTX 3090'], hasVulkan: true, hasNvidia: true },
      ],
      [
        'an NVIDIA card without its driver',
        card('0x10de'),
        { devices: ['NVIDIA GPU'], hasVulkan: false, hasNvidia: false },
      ],
    ] as const)
      it(`finds ${what}`, async () => {
        lay(files);
        assert.deepEqual(await surveyGpus({ platform: 'linux', root, env: {}, ask: async () => '' }), survey);
      });

    it('asks nvidia-smi where the driver has no files, and never one of a relative folder', async () => {
      lay({ 'usr/lib/wsl/lib/nvidia-smi': '' });
      const asked: string[] = [];
      const ask = async (program: string): Promise<string> => {
        asked.push(program);
        return 'NVIDIA GeForce RTX 4090\n';
      };
      const { devices, hasNvidia } = await surveyGpus({ platform: 'linux', root, env: { PATH: 'bin:.' }, ask });
      assert.deepEqual({ devices, hasNvidia }, { devices: ['NVIDIA GeForce RTX 4090'], hasNvidia: true });
      assert.deepEqual(asked, [join(root, 'usr/lib/wsl/lib/nvidia-smi')]);
    });
  });
});
