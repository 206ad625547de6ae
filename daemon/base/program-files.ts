// Where the program's other entries are, which run as threads and children of their own.
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Where the program's other entries are: beside it when built, in their folders when run from source. */
export function programFiles(): {
  storageWorker: string;
  inferenceHost: string;
  codeIndexer: string;
  pictureHost: string;
  textReader: string;
  pageReader: string;
  views: string;
  /** Folder of the views' texts in other languages. */
  l10n: string;
  embeddingModel: string;
  media: string;
} {
  const program = realpathSync(process.argv[1] ?? '');
  const folder = dirname(program);
  const views = join(folder, '..', 'dist', 'webview');
  const model = join('media', 'models', 'all-minilm-l6-v2.gguf');
  if (basename(program).endsWith('.ts')) {
    return {
      storageWorker: join(folder, 'storage/sqlite/worker.ts'),
      inferenceHost: join(folder, 'models/inference/host.ts'),
      codeIndexer: join(folder, 'code-index/host.ts'),
      pictureHost: join(folder, 'features/vision/host.ts'),
      textReader: join(folder, 'features/vision/recognition/host.ts'),
      pageReader: join(folder, 'features/web/reading/host.ts'),
      views,
      l10n: join(folder, '..', 'l10n'),
      embeddingModel: join(folder, '..', model),
      media: join(folder, '..', 'media'),
    };
  }
  return {
    storageWorker: join(folder, 'storage-worker.js'),
    inferenceHost: join(folder, 'inference-host.js'),
    codeIndexer: join(folder, 'code-indexer.js'),
    pictureHost: join(folder, 'picture-host.js'),
    textReader: join(folder, 'text-reader.js'),
    pageReader: join(folder, 'page-reader.js'),
    views: join(folder, '..', 'webview'),
    l10n: join(folder, '..', '..', 'l10n'),
    embeddingModel: join(folder, '..', '..', model),
    media: join(folder, '..', '..', 'media'),
  };
}
