// Messages about profiles, which keep everything of theirs apart, and about the projects that chats belong to.
import * as z from 'zod';
import { request } from './define.ts';

const Name = z.string().trim().min(1).max(100);

export const Profile = z.object({
  id: z.string(),
  name: z.string(),
  /** `provider/model`, for chats that name none. */
  model: z.string().optional(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
});

export const Project = z.object({
  id: z.string(),
  name: z.string(),
  /** Where it was seen last, as a path. */
  path: z.string(),
  /** Whether sessions in it begin in this profile. */
  bound: z.boolean(),
  usedAt: z.number(),
  chatCount: z.number().int(),
  /** Whether its folder is gone: it can be attached where it is now. */
  orphan: z.boolean(),
});

export const ProfileList = request('switchyard/profile/list', "Lists the profiles; `current` is this session's.", {
  params: z.object({}),
  result: z.object({ profiles: z.array(Profile), current: z.string() }),
});
export const ProfileCreate = request('switchyard/profile/create', 'Creates a profile.', {
  params: z.object({ name: Name, model: z.string().optional() }),
  result: z.object({ profile: Profile }),
});
export const ProfileUpdate = request('switchyard/profile/update', 'Gives a profile another name or another model.', {
  params: z.object({ profileId: z.string(), name: Name.optional(), model: z.string().nullish() }),
  result: z.object({ profile: Profile }),
});
export const ProfileDelete = request(
  'switchyard/profile/delete',
  'Deletes a profile and everything in it for good; `confirm` repeats its name.',
  {
    params: z.object({ profileId: z.string(), confirm: z.string().optional() }),
    result: z.object({}),
  },
);
export const ProfileUse = request(
  'switchyard/profile/use',
  'Switches this session to a profile, named by id or name; with `bind`, later sessions in its project too.',
  {
    params: z.object({ profile: z.string(), bind: z.boolean().default(false) }),
    result: z.object({ profile: Profile }),
  },
);

export const ProjectList = request(
  'switchyard/project/list',
  "Lists the projects of this profile, the most recently used first; `current` is this session's.",
  {
    params: z.object({}),
    result: z.object({ projects: z.array(Project), current: z.string().optional() }),
  },
);
export const ProjectAttach = request(
  'switchyard/project/attach',
  'Says that a project is in this folder now, and joins it with what was known there.',
  {
    params: z.object({
      projectId: z.string(),
      /** The folder as a URI. */
      root: z.string(),
    }),
    result: z.object({ project: Project }),
  },
);

export type Profile = z.infer<typeof Profile>;
export type Project = z.infer<typeof Project>;
