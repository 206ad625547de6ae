// Wire <-> domain for what lies behind: deleted chats and past reviews.
import type { ChatDeleted, ChatPurge, ChatRestore } from '../../shared/protocol/chat.ts';
import type { AnyRequest } from '../../shared/protocol/define.ts';
import type { ReviewFindings, ReviewList } from '../../shared/protocol/review.ts';
import type { DaemonShapes } from '../services.ts';
import type { ProfileStorage } from '../storage/storage.ts';
import type { Call, Handler } from './handler.ts';
import { ownProfile } from './own-profile.ts';

export const handleChatDeleted: Handler<typeof ChatDeleted> = async (_params, call) => ({
  chats: await (await ownMemory(call)).trash.list(),
});

export const handleChatRestore: Handler<typeof ChatRestore> = async ({ chatId }, call) => {
  await (await ownMemory(call)).trash.restore(chatId);
  return {};
};

export const handleChatPurge: Handler<typeof ChatPurge> = async ({ chatId }, call) => {
  await (await ownMemory(call)).trash.purge(chatId);
  return {};
};

export const handleReviewList: Handler<typeof ReviewList> = async ({ cursor, limit }, call) => {
  const { items, next } = await (await ownMemory(call)).findings.pastRuns({
    ...(cursor && { cursor }),
    ...(limit && { limit }),
  });
  return { runs: items.map(({ id, ...run }) => ({ runId: id, ...run })), ...(next && { next }) };
};

export const handleReviewFindings: Handler<typeof ReviewFindings> = async ({ runId }, call) => {
  const found = await (await ownMemory(call)).findings.ofRun(runId);
  return { findings: found.map(({ finding }) => finding) };
};

async function ownMemory(call: Pick<Call<AnyRequest>, 'session' | 'services'>): Promise<ProfileStorage<DaemonShapes>> {
  return call.services.storage.in(await ownProfile(call));
}
