// Pictures by Gemini's models, which answer a question with them.
import { fieldsOf, listOf, stringOf } from '../answers/shapes.ts';
import type { MadePicture, PictureRequest } from '../provider.ts';
import type { PictureShape } from './image-models.ts';
import { madePicture } from './made-picture.ts';

const ratios: Record<PictureShape, string> = { square: '1:1', landscape: '3:2', portrait: '2:3' };

export function googlePictureBody({ prompt, shape }: PictureRequest): object {
  return {
    contents: [{ role: 'user', parts: [{ text: prompt }] }],
    generationConfig: { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: ratios[shape] } },
  };
}

/** Throws ProviderError `refused` where the answer has no picture. */
export function googlePicture(answer: unknown): MadePicture {
  const [candidate] = listOf(fieldsOf(answer)['candidates']);
  const parts = listOf(fieldsOf(fieldsOf(candidate)['content'])['parts']).map(fieldsOf);
  const inline = parts.map(({ inlineData }) => fieldsOf(inlineData)).find(({ data }) => typeof data === 'string');
  const said = parts.flatMap(({ text }) => stringOf(text) ?? []).join(' ');
  return madePicture(stringOf(inline?.['data']), said || stringOf(fieldsOf(candidate)['finishMessage']));
}
