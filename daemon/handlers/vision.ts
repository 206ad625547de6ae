// Wire <-> domain for pictures beside chats.
import type { VisionGenerate, VisionOcr } from '../../shared/protocol/vision.ts';
import type { Handler } from './handler.ts';

export const handleVisionOcr: Handler<typeof VisionOcr, 'vision', 'none'> = (
  { image, name = 'The picture' },
  { services, signal },
) => services.vision.recognition.read({ bytes: Buffer.from(image, 'base64'), name }, signal);

export const handleVisionGenerate: Handler<typeof VisionGenerate, 'pictureMaker'> = async (
  { prompt, model, size = 'square', overBudget },
  { session, services, profile, signal },
) => {
  const order = { profile, prompt, model, shape: size, overBudget, workspace: session.roots[0] };
  const { mediaType, data, costUsd, ...made } = await services.pictureMaker.make(order, signal);
  return {
    image: { mediaType, data },
    model: made.model,
    prompt: made.prompt,
    notes: made.notes,
    ...(costUsd !== undefined && { cost: costUsd }),
  };
};
