// The profiles themselves: who stores something here.
import type { Folder } from './projects.ts';

export interface StoredProfile {
  id: string;
  name: string;
  /** `provider/model`, for chats that name none. */
  model?: string;
  createdAt: number;
}

/** The profile that is always there. */
export const defaultProfile = 'default';

/** The profiles themselves. Names are told apart without regard to case. */
export interface Profiles {
  list(): Promise<StoredProfile[]>;
  /** By its id, else by its name. Throws UserError `profile-not-found`. */
  find(idOrName: string): Promise<StoredProfile>;
  /** Throws UserError `profile-exists` where the name is taken, as does `update`. */
  create(profile: { name: string; model?: string }): Promise<StoredProfile>;
  update(profileId: string, change: { name?: string; model?: string | null }): Promise<StoredProfile>;
  /** Deletes a profile and everything in it. Throws UserError `profile-needed` for the default one. */
  delete(profileId: string): Promise<void>;
  /** The profile that sessions in this folder begin in, if one was chosen for it; `known` says whether any has a project there. */
  boundTo(folder: Folder): Promise<{ known: boolean; profile?: string }>;
}

/** A tool of an MCP server as the user approved it. One that is another since isn't approved. */
export interface McpPin {
  /** The server's name in config.json. */
  server: string;
  tool: string;
  /** A hash of what config.json said of the server: another program under an old name has nothing approved. */
  config: string;
  /** A hash of the tool's name, description and parameters, as the server sent them. */
  hash: string;
  /** What was approved: the description, and the parameters as JSON. */
  description: string;
  parameters: string;
  /** Milliseconds since the epoch. */
  approvedAt: number;
}

/** What of MCP servers the user of a profile has approved. */
export interface McpPins {
  list(): Promise<McpPin[]>;
  /** Puts them in place of older ones of the same tools. */
  put(pins: readonly McpPin[]): Promise<void>;
  /** All of a server where no tools are named. */
  remove(server: string, tools?: readonly string[]): Promise<void>;
}
