// Shows the doctor's checks as a readable document: what is wrong first, each with what to do about it.
import { type Check, DaemonDoctor } from '../../shared/protocol/daemon.ts';
import type { Context } from '../context.ts';
import { withCancellableProgress } from '../window.ts';
import { offerGpu } from './gpu.ts';

export async function doctor(ctx: Context): Promise<void> {
  const { checks } = await withCancellableProgress('Checking', (_progress, signal) =>
    ctx.daemon.call(DaemonDoctor, {}, { signal }),
  );
  await ctx.documents.showReport('Switchyard Doctor.md', report(checks));
  await offerGpu(ctx);
}

function report(checks: readonly Check[]): string {
  const wrong = checks.filter((check) => !check.ok);
  const right = checks.filter((check) => check.ok);
  return [
    '# Switchyard Doctor',
    wrong.length === 0 ? 'All checks passed.' : `${wrong.length} of ${checks.length} checks need attention.`,
    ...wrong.map(({ name, detail, fix }) => [`## ✗ ${name}`, detail, ...(fix ? [`To fix: ${fix}`] : [])].join('\n\n')),
    ...(right.length > 0
      ? ['## What is well', right.map(({ name, detail }) => `- ✓ ${name}: ${detail}`).join('\n')]
      : []),
    '',
  ].join('\n\n');
}
