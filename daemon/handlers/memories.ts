// Wire <-> domain for memories.
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
import type { Services } from '../services.ts';
import type { SessionView } from '../sessions/session-view.ts';
import type { StoredMemory } from '../storage/memories.ts';
import type { Handler } from './handler.ts';

type MemoryServices = 'memories' | 'sessionProfiles';

export const handleMemoriesList: Handler<typeof MemoriesList, MemoryServices> = async (
  _params,
  { session, services, profile },
) => {
  const [memories, project] = await Promise.all([
    services.memories.list(profile),
    services.sessionProfiles.projectOf(session),
  ]);
  return { memories: memories.map(toWireMemory), ...(project && { project: project.name }) };
};

export const handleMemoriesAdd: Handler<typeof MemoriesAdd, MemoryServices> = async (
  { text, scope },
  { session, services, profile },
) => {
  const projectId = scope === 'project' ? await projectIdOf(session, services) : undefined;
  return { memory: toWireMemory(await services.memories.add(profile, { text, ...(projectId && { projectId }) })) };
};

export const handleMemoriesUpdate: Handler<typeof MemoriesUpdate, MemoryServices | 'inference'> = async (
  { memoryId, text, enabled, scope },
  { session, services, profile },
) => {
  const projectId = scope === 'project' ? await projectIdOf(session, services) : null;
  const change = {
    ...(text !== undefined && { text }),
    ...(enabled !== undefined && { enabled }),
    ...(scope !== undefined && { projectId }),
  };
  const memory = await services.memories.update(profile, memoryId, change);
  await services.inference.forget({}); // as with a deleted one
  return { memory: toWireMemory(memory) };
};

export const handleMemoriesDelete: Handler<typeof MemoriesDelete, 'memories' | 'inference'> = async (
  { memoryId },
  { services, profile },
) => {
  await services.memories.delete(profile, memoryId);
  await services.inference.forget({}); // any prompt that a local model has read may hold it
  return {};
};

export const handleMemoriesAccept: Handler<typeof MemoriesAccept, 'memories'> = async (
  { memoryId, text },
  { services, profile },
) => {
  const change = { ...(text !== undefined && { text }) };
  return { memory: toWireMemory(await services.memories.accept(profile, memoryId, change)) };
};

export const handleMemoriesDismiss: Handler<typeof MemoriesDismiss, 'memories'> = async (
  { memoryId },
  { services, profile },
) => {
  await services.memories.dismiss(profile, memoryId);
  return {};
};

/** The scope `project` means the one that the session works in. */
async function projectIdOf(
  session: SessionView,
  { sessionProfiles }: Pick<Services, 'sessionProfiles'>,
): Promise<string> {
  const project = await sessionProfiles.projectOf(session);
  if (!project)
    throw new UserError(
      'no-project',
      "There's no open project for this memory. Open the project's folder, or save the memory for all projects.",
    );
  return project.id;
}

export function toWireMemory({
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
