// A request to a chosen model as the meter sees it, before it is made. Pure.
import { estimatePictureTokens } from '../../base/tokens.ts';
import { imagesOf, type ModelRequest } from '../providers/provider.ts';
import type { Selection } from '../router/router.ts';
import type { PricedRequest } from './costs.ts';
import { defaultBytesPerToken } from './price.ts';

/** What the decision and the prompt say of a request; `named` says whose it is. */
export function pricedRequest(
  { decision, candidate }: Selection,
  { messages }: Pick<ModelRequest, 'messages'>,
  named: Pick<PricedRequest, 'profile' | 'task' | 'chat' | 'answer' | 'workspace'>,
): PricedRequest {
  return {
    ...named,
    provider: decision.provider,
    model: decision.model,
    local: candidate.provider.local,
    price: candidate.info.price,
    estimateUsd: decision.estimatedCost,
    reason: decision.reason,
    promptCharacters: messages.reduce((sum, { content }) => sum + content.length, 0),
    promptBytes: messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0) + pictureBytes(messages),
  };
}

/** What the pictures of a prompt cost, as a text of so many bytes would. */
function pictureBytes(messages: ModelRequest['messages']): number {
  const tokens = imagesOf(messages).reduce((sum, image) => sum + estimatePictureTokens(image), 0);
  return tokens * defaultBytesPerToken;
}
