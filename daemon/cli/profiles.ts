// `switchyard profiles`: the profiles, and which one this folder works in.
import { ProfileCreate, ProfileDelete, ProfileList, ProfileUse } from '../../shared/protocol/profiles.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

interface ProfileArguments {
  name: string;
  model?: string | undefined;
  confirm?: string | undefined;
  json: boolean;
}
type Subcommand = (client: DaemonClient, profileArguments: ProfileArguments) => Promise<void>;
const subcommands: Record<string, Subcommand> = { list, create, use, delete: remove };

export const options = {
  model: { type: 'string', value: 'ID', goesWith: ['create'], description: "Set the new profile's model" },
  confirm: {
    type: 'string',
    value: 'NAME',
    goesWith: ['delete'],
    description: 'Repeat the name to confirm, since everything in the profile is deleted',
  },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 2);
  const [word = 'list', name = ''] = positionals;
  const subcommand = subcommandOf('profiles', subcommands, word);
  if (word !== 'list' && name === '') throw new UsageError('Specify a profile.');
  const profileArguments = { name, model: values.model, confirm: values.confirm, json: values.json ?? false };
  await withDaemon((client) => subcommand(client, profileArguments), { root: workingFolder() });
  return 0;
}

async function list(client: DaemonClient, { json }: ProfileArguments): Promise<void> {
  const { profiles, current } = await client.call(ProfileList, {});
  if (json) return printJson({ profiles, current });
  for (const { id, name, model } of profiles)
    printLine(`${id === current ? '*' : ' '} ${name}  ${id}${model ? `  ${model}` : ''}`);
}

async function create(client: DaemonClient, { name, model, json }: ProfileArguments): Promise<void> {
  const { profile } = await client.call(ProfileCreate, { name, ...(model && { model }) });
  if (json) printJson({ profile });
  else
    printLine(
      `Created the profile "${profile.name}". To use it in this folder, run \`switchyard profiles use "${profile.name}"\`.`,
    );
}

/** Binds the folder. Switching the session alone would have no effect, since it ends with the command. */
async function use(client: DaemonClient, { name, json }: ProfileArguments): Promise<void> {
  const { profile } = await client.call(ProfileUse, { profile: name, bind: true });
  if (json) printJson({ profile });
  else printLine(`This folder now uses the profile "${profile.name}".`);
}

async function remove(client: DaemonClient, { name, confirm, json }: ProfileArguments): Promise<void> {
  const { profiles } = await client.call(ProfileList, {});
  const profile =
    profiles.find((one) => one.id === name) ?? profiles.find((one) => one.name.toLowerCase() === name.toLowerCase());
  await client.call(ProfileDelete, { profileId: profile?.id ?? name, ...(confirm !== undefined && { confirm }) });
  if (json) printJson({ deleted: profile });
  else printLine(`Deleted the profile "${profile?.name ?? name}" and everything in it.`);
}
