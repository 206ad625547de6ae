// Messages about GPU support: what this machine has, and the packages for it.
import * as z from 'zod';
import { request } from './define.ts';
import { PartialResultToken, WorkDoneToken } from './text.ts';

const GpuKind = z.enum(['cuda', 'vulkan']);

export const GpuStatus = request(
  'switchyard/gpu/status',
  'Which GPUs this machine has, what is installed for them, and what could be.',
  {
    params: z.object({}),
    result: z.object({
      devices: z.array(z.string()),
      installed: z.array(GpuKind),
      /** `bytes` is the download. */
      offers: z.array(z.object({ kind: GpuKind, bytes: z.number() })),
      detail: z.string(),
    }),
  },
);

export const GpuInstall = request(
  'switchyard/gpu/install',
  'Downloads GPU support with the npm of this machine, or takes it from files, and keeps it if a GPU works with it.',
  {
    params: z.object({
      kind: GpuKind.optional(),
      /** Paths of packages that are here already. */
      files: z.array(z.string()).optional(),
      workDoneToken: WorkDoneToken,
      partialResultToken: PartialResultToken,
    }),
    part: z.object({ kind: z.literal('step'), text: z.string() }),
    result: z.object({ detail: z.string() }),
  },
);

export const GpuRemove = request('switchyard/gpu/remove', 'Removes GPU support; models run on the CPU again.', {
  params: z.object({}),
  result: z.object({ removed: z.boolean() }),
});
