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
import { type DiagnosticsServices, publishAll } from './documents.ts';
import type { Handler } from './handler.ts';

export const handleProfileList: Handler<typeof ProfileList, 'profiles'> = async (_params, { services, profile }) => ({
  profiles: await services.profiles.list(),
  current: profile,
});

export const handleProfileCreate: Handler<typeof ProfileCreate, 'profiles', 'none'> = async (
  { name, model },
  { services },
) => ({
  profile: await services.profiles.create({ name, ...(model && { model }) }),
});

export const handleProfileUpdate: Handler<typeof ProfileUpdate, 'profiles', 'none'> = async (
  { profileId, name, model },
  { services },
) => ({
  profile: await services.profiles.update(profileId, { ...(name && { name }), ...(model !== undefined && { model }) }),
});

export const handleProfileDelete: Handler<typeof ProfileDelete, 'profiles' | 'inference', 'none'> = async (
  { profileId, confirm },
  { services },
) => {
  await services.profiles.delete(profileId, confirm);
  await services.inference.forget({ owner: profileId });
  return {};
};

export const handleProfileUse: Handler<
  typeof ProfileUse,
  'sessionProfiles' | 'contexts' | DiagnosticsServices,
  'none'
> = async ({ profile, bind }, { session, services }) => {
  const used = await services.sessionProfiles.use(session, profile, { bind });
  if (session.isEditor) services.contexts.follow(session, used.id);
  publishAll(session, services);
  return { profile: used };
};

export const handleProjectList: Handler<typeof ProjectList, 'profiles' | 'sessionProfiles'> = async (
  _params,
  { session, services, profile },
) => {
  const current = await services.sessionProfiles.projectOf(session);
  const projects = await services.profiles.projects(profile);
  return { projects, ...(current && { current: current.id }) };
};

export const handleProjectAttach: Handler<typeof ProjectAttach, 'profiles'> = async (
  { projectId, root },
  { services, profile },
) => ({
  project: await services.profiles.attach(profile, projectId, root),
});
