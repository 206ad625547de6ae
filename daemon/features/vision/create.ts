// The vision part: what decodes pictures, what holds those of questions, and what reads the text in them.
import type { Log } from '../../base/log.ts';
import { AttachedPictures } from './attached.ts';
import { PictureChild } from './child.ts';
import { TextRecognition } from './recognition/text-recognition.ts';

export interface VisionDeps {
  files: { pictureHost: string; textReader: string };
  config: { readonly config: { vision: { enabled: boolean; languages: string[] } } };
  log: Log;
}

/** Its parts live as long as the daemon; it is disposed of for all of them. */
export interface Vision extends AsyncDisposable {
  pictures: PictureChild;
  attached: AttachedPictures;
  recognition: TextRecognition;
}

export function createVision({ files, config, log }: VisionDeps): Vision {
  const pictures = new PictureChild({
    hostPath: files.pictureHost,
    isEnabled: () => config.config.vision.enabled,
    log,
  });
  const recognition = new TextRecognition({
    hostPath: files.textReader,
    pictures,
    languages: () => config.config.vision.languages,
    log,
  });
  return {
    pictures,
    attached: new AttachedPictures({ pictures }),
    recognition,
    async [Symbol.asyncDispose]() {
      await Promise.all([pictures[Symbol.asyncDispose](), recognition[Symbol.asyncDispose]()]);
    },
  };
}
