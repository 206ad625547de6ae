// Messages about memories: facts that the user stated and accepted, which go along with questions.
import * as z from 'zod';
import { request } from './define.ts';

const Scope = z.enum(['profile', 'project']);
const Text = z.string().min(1).max(2000);
const MemoryId = z.object({ memoryId: z.string() });

export const Memory = z.object({
  id: z.string(),
  text: z.string(),
  /** A proposal is not used until it is accepted. */
  state: z.enum(['proposed', 'accepted']),
  /** Whether it may be used. */
  enabled: z.boolean(),
  /** Where it holds: in the whole profile, or in one project. */
  scope: Scope,
  project: z.object({ id: z.string(), name: z.string().optional() }).optional(),
  /** The user's message it comes from. */
  source: z.object({ chatId: z.string(), messageId: z.string() }).optional(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  lastUsedAt: z.number().optional(),
  /** How many answers it was used for. */
  uses: z.number().int(),
});

const Changed = z.object({ memory: Memory });

export const MemoriesList = request(
  'switchyard/memories/list',
  "Lists what this profile remembers, and what is proposed; `project` is the session's.",
  {
    params: z.object({}),
    result: z.object({ memories: z.array(Memory), project: z.string().optional() }),
  },
);
export const MemoriesAdd = request(
  'switchyard/memories/add',
  "Remembers a fact, everywhere or in the session's project.",
  {
    params: z.object({ text: Text, scope: Scope.default('profile') }),
    result: Changed,
  },
);
export const MemoriesUpdate = request(
  'switchyard/memories/update',
  'Changes what a memory says, where it holds, or whether it is used.',
  {
    params: MemoryId.extend({ text: Text.optional(), enabled: z.boolean().optional(), scope: Scope.optional() }),
    result: Changed,
  },
);
export const MemoriesDelete = request(
  'switchyard/memories/delete',
  'Forgets a memory: its text, its vectors, and answers kept from it.',
  { params: MemoryId, result: z.object({}) },
);
export const MemoriesAccept = request(
  'switchyard/memories/accept',
  'Makes a memory of a proposal, as it is or with another text.',
  {
    params: MemoryId.extend({ text: Text.optional() }),
    result: Changed,
  },
);
export const MemoriesDismiss = request(
  'switchyard/memories/dismiss',
  'Turns a proposal down; it is not proposed again.',
  { params: MemoryId, result: z.object({}) },
);

export type Memory = z.infer<typeof Memory>;
