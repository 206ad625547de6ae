// Names of GGUF files, and of the parts that large models come in: `coder-00001-of-00003.gguf` and so on. Pure.
import { basename } from 'node:path';

const partName = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/i;
const maxParts = 200;

/** The paths of all parts of a model, the first one first; the path alone where there is one. */
export function partsOf(path: string): string[] {
  const [, stem = '', , total = ''] = partName.exec(basename(path)) ?? [];
  const count = Math.min(Number(total), maxParts);
  if (stem === '' || count < 2) return [path];
  const place = path.slice(0, -basename(path).length);
  return Array.from({ length: count }, (_, i) => `${place}${stem}-${String(i + 1).padStart(5, '0')}-of-${total}.gguf`);
}

/** Whether a file continues another one, and is no model by itself. */
export function isLaterPart(path: string): boolean {
  const index = partName.exec(basename(path))?.[2];
  return index !== undefined && Number(index) !== 1;
}

/** Whether a file is called a projector (mmproj): it turns pictures into what a model reads, and is no model by itself. */
export function isProjectorName(path: string): boolean {
  return /(^|[-_.])mmproj([-_.]|$)/i.test(basename(path));
}

/** A model's name: its file's, without `.gguf` and without which part it is. */
export function modelNameOf(path: string): string {
  return partName.exec(basename(path))?.[1] ?? basename(path).replace(/\.gguf$/i, '');
}
