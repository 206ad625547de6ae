// Wire <-> domain for memories.

import type { AnyRequest } from '../../shared/protocol/define.ts';
import type {
  MemoriesAccept,
  MemoriesAdd,
  MemoriesDelete,
  MemoriesDismiss,
  MemoriesList,
  MemoriesUpdate,
  Memory,
} from '../../shared/protocol/memories.ts';
import { UserError } from '../base/errors.ts';
import type { StoredMemory } from '../storage/memories.ts';
import type { Call, Handler } from './handler.ts';
import { ownProfile } from './own-profile.ts';

type Asking = Pick<Call<AnyRequest>, 'session' | 'services'>;

export const handleMemoriesList: Handler<typeof MemoriesList> = async (_params, call) => {
  const [memories, project] = await Promise.all([
    call.services.memories.list(await ownProfile(call)),
    call.services.sessionProfiles.projectOf(call.session),
  ]);
  return { memories: memories.map(toMemory), ...(project && { project: project.name }) };
};

export const handleMemoriesAdd: Handler<typeof MemoriesAdd> = async ({ text, scope }, call) => {
  const profile = await ownProfile(call);
  const memory = await call.services.memories.add(profile, {
    text,
    ...(scope === 'project' && { projectId: await projectOf(call) }),
  });
  return { memory: toMemory(memory) };
};

export const handleMemoriesUpdate: Handler<typeof MemoriesUpdate> = async (
  { memoryId, text, enabled, scope },
  call,
) => {
  const profile = await ownProfile(call);
  const projectId = scope === 'project' ? await projectOf(call) : null;
  const change = {
    ...(text !== undefined && { text }),
    ...(enabled !== undefined && { enabled }),
    ...(scope !== undefined && { projectId }),
  };
  return { memory: toMemory(await call.services.memories.update(profile, memoryId, change)) };
};

export const handleMemoriesDelete: Handler<typeof MemoriesDelete> = async ({ memoryId }, call) => {
  await call.services.memories.delete(await ownProfile(call), memoryId);
  return {};
};

export const handleMemoriesAccept: Handler<typeof MemoriesAccept> = async ({ memoryId, text }, call) => {
  return {
    memory: toMemory(
      await call.services.memories.accept(await ownProfile(call), memoryId, { ...(text !== undefined && { text }) }),
    ),
  };
};

export const handleMemoriesDismiss: Handler<typeof MemoriesDismiss> = async ({ memoryId }, call) => {
  await call.services.memories.dismiss(await ownProfile(call), memoryId);
  return {};
};

async function projectOf({ session, services }: Asking): Promise<string> {
  const project = await services.sessionProfiles.projectOf(session);
  if (!project)
    throw new UserError(
      'no-project',
      'There is no project here that a memory could hold in. Open its folder, or let the memory hold everywhere.',
    );
  return project.id;
}

export function toMemory({
  id,
  text,
  state,
  enabled,
  projectId,
  project,
  messageId,
  chatId,
  createdAt,
  usedAt,
  uses,
}: StoredMemory): Memory {
  return {
    id,
    text,
    enabled,
    createdAt,
    uses,
    state: state === 'accepted' ? 'accepted' : 'proposed', // nothing dismissed leaves storage
    scope: projectId === undefined ? 'profile' : 'project',
    ...(projectId !== undefined && { project: { id: projectId, ...(project !== undefined && { name: project }) } }),
    ...(messageId !== undefined && chatId !== undefined && { source: { chatId, messageId } }),
    ...(usedAt !== undefined && { lastUsedAt: usedAt }),
  };
}
