// The vision part: what decodes pictures, and what holds those of questions.
import type { Log } from '../../base/log.ts';
import { AttachedPictures } from './attached.ts';
import { PictureChild } from './child.ts';

export interface VisionDeps {
  hostPath: string;
  config: { readonly config: { vision: { enabled: boolean } } };
  log: Log;
}

export function createVision({ hostPath, config, log }: VisionDeps): {
  pictures: PictureChild;
  attached: AttachedPictures;
} {
  const pictures = new PictureChild({ hostPath, isEnabled: () => config.config.vision.enabled, log });
  return { pictures, attached: new AttachedPictures({ pictures }) };
}
