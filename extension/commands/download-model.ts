// Downloads one of the models that suit this machine; what an earlier, cancelled download left is resumed.
import { ModelsPull, ModelsSetup } from '../../shared/protocol/models.ts';
import type { Context } from '../context.ts';
import { window, withCancellableProgress } from '../window.ts';

export async function downloadModel(ctx: Context): Promise<void> {
  const { gguf } = await ctx.daemon.call(ModelsSetup, {});
  if (!gguf.available || gguf.downloads.length === 0) return void window.showWarningMessage(gguf.detail);
  const items = gguf.downloads.map((download) => ({
    label: download.label,
    description: inMegabytes(download.sizeBytes),
    detail: download.why,
    download,
  }));
  const picked = await window.showQuickPick(items, { title: 'Switchyard: download which model?' });
  if (!picked) return;

  const { model } = await withCancellableProgress(`Downloading ${picked.label}`, (progress, signal) => {
    let shownPercent = 0;
    return ctx.daemon.call(
      ModelsPull,
      { model: picked.download.id },
      {
        signal,
        onPart({ received, total = picked.download.sizeBytes }) {
          const percent = Math.floor((received / total) * 100);
          progress.report({
            message: `${inMegabytes(received)} of ${inMegabytes(total)}`,
            increment: percent - shownPercent,
          });
          shownPercent = percent;
        },
      },
    );
  });
  ctx.chat.modelsChanged();
  void window.showInformationMessage(`${model} is ready to use.`);
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
