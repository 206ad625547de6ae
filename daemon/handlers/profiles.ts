// Wire <-> domain for profiles and projects.
import type {
  ProfileCreate,
  ProfileDelete,
  ProfileList,
  ProfileUpdate,
  ProfileUse,
  ProjectAttach,
  ProjectList,
} from '../../shared/protocol/profiles.ts';
import { publishAll } from './documents.ts';
import type { Handler } from './handler.ts';

export const handleProfileList: Handler<typeof ProfileList> = async (_params, { session, services }) => ({
  profiles: await services.profiles.list(),
  current: await services.sessionProfiles.profileOf(session),
});

export const handleProfileCreate: Handler<typeof ProfileCreate> = async ({ name, model }, { services }) => ({
  profile: await services.profiles.create({ name, ...(model && { model }) }),
});

export const handleProfileUpdate: Handler<typeof ProfileUpdate> = async ({ profileId, name, model }, { services }) => ({
  profile: await services.profiles.update(profileId, { ...(name && { name }), ...(model !== undefined && { model }) }),
});

export const handleProfileDelete: Handler<typeof ProfileDelete> = async ({ profileId, confirm }, { services }) => {
  await services.profiles.delete(profileId, confirm);
  return {};
};

export const handleProfileUse: Handler<typeof ProfileUse> = async ({ profile, bind }, { session, services }) => {
  const used = await services.sessionProfiles.use(session, profile, { bind });
  if (session.isEditor) services.contexts.follow(session, used.id);
  publishAll(session, services);
  return { profile: used };
};

export const handleProjectList: Handler<typeof ProjectList> = async (_params, { session, services }) => {
  const current = await services.sessionProfiles.projectOf(session);
  const projects = await services.profiles.projects(await services.sessionProfiles.profileOf(session));
  return { projects, ...(current && { current: current.id }) };
};

export const handleProjectAttach: Handler<typeof ProjectAttach> = async (
  { projectId, root },
  { session, services },
) => ({
  project: await services.profiles.attach(await services.sessionProfiles.profileOf(session), projectId, root),
});
