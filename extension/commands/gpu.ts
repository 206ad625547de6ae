// GPU support for local models: gets it, with its size said first, and removes it.
import * as vscode from 'vscode';
import { GpuInstall, GpuRemove, GpuStatus } from '../../shared/protocol/gpu.ts';
import type { Context } from '../context.ts';
import { type GpuChoice, gpuChoices, gpuOffer } from '../models/gpu-words.ts';
import { window, withCancellableProgress } from '../window.ts';

export async function installGpu(ctx: Context): Promise<void> {
  const status = await ctx.daemon.call(GpuStatus, {});
  if (status.offers.length === 0) return void window.showInformationMessage(status.detail);
  const fromFiles: GpuChoice = {
    label: 'Use downloaded packages…',
    detail: "For machines that can't reach a registry: .tgz files from `npm pack`.",
  };
  const picked = await window.showQuickPick([...gpuChoices(status, vscode.l10n.t), fromFiles], {
    title: vscode.l10n.t('Switchyard: GPU support for {0}', status.devices.join(', ')),
    placeHolder: "Downloads with this machine's npm, and keeps it only if a GPU works with it",
  });
  if (!picked) return;
  const params = picked.gpuKind ? { kind: picked.gpuKind } : await packagesOnDisk();
  if (!params) return;
  const { detail } = await withCancellableProgress('Getting GPU support', (progress, signal) =>
    ctx.daemon.call(GpuInstall, params, { signal, onPart: ({ text }) => progress.report({ message: `${text}…` }) }),
  );
  ctx.models.refresh();
  void window.showInformationMessage(vscode.l10n.t('GPU support is installed: {0}.', detail));
}

export async function removeGpu(ctx: Context): Promise<void> {
  const { removed } = await ctx.daemon.call(GpuRemove, {});
  ctx.models.refresh();
  void window.showInformationMessage(
    removed ? 'GPU support is removed. Models run on the CPU.' : "GPU support isn't installed.",
  );
}

/** Says what could be had, where something could. */
export async function offerGpu(ctx: Context): Promise<void> {
  const offer = gpuOffer(await ctx.daemon.call(GpuStatus, {}), vscode.l10n.t);
  if (offer === undefined) return;
  const choice = await window.showInformationMessage(`${offer}.`, 'Get GPU Support…');
  if (choice) await installGpu(ctx);
}

/** Tells the walkthrough whether its step about the GPU has a meaning here. */
export async function noteGpu(ctx: Context): Promise<void> {
  const { offers, installed } = await ctx.daemon.call(GpuStatus, {});
  const isOffered = offers.length + installed.length > 0;
  await vscode.commands.executeCommand('setContext', 'switchyard.hasGpuSupport', isOffered);
}

async function packagesOnDisk(): Promise<{ kind: 'vulkan' | 'cuda'; files: string[] } | undefined> {
  const files = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Switchyard: GPU support packages'),
    openLabel: vscode.l10n.t('Install'),
    canSelectMany: true,
    filters: { Packages: ['tgz'] },
  });
  if (!files?.length) return undefined;
  const isCuda = files.some(({ path }) => path.includes('cuda'));
  return { kind: isCuda ? 'cuda' : 'vulkan', files: files.map(({ fsPath }) => fsPath) };
}
