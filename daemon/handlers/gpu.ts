// Wire <-> domain for GPU support.
import type { GpuInstall, GpuRemove, GpuStatus } from '../../shared/protocol/gpu.ts';
import type { Handler } from './handler.ts';

export const handleGpuStatus: Handler<typeof GpuStatus, 'gpu', 'none'> = (_params, { services }) =>
  services.gpu.status();

export const handleGpuInstall: Handler<typeof GpuInstall, 'gpu', 'none'> = async (
  { kind = 'vulkan', files, workDoneToken },
  { session, services, signal, cancel, emit },
) => {
  const progress = session.workDone(workDoneToken, 'Install GPU support', cancel);
  try {
    const detail = await services.gpu.install({
      kind,
      ...(files && { files }),
      path: session.path ?? process.env['PATH'] ?? '',
      signal,
      onStep(text) {
        emit({ kind: 'step', text });
        progress.report(text);
      },
    });
    return { detail };
  } finally {
    progress.end('');
  }
};

export const handleGpuRemove: Handler<typeof GpuRemove, 'gpu', 'none'> = async (_params, { services }) => ({
  removed: await services.gpu.remove(),
});
