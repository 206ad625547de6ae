// What the user has approved of tools of MCP servers.
import type { Migration } from './migration.ts';

export const mcpPins: Migration = {
  name: '0027-mcp-pins',
  sql: `
    create table mcp_pin (
      profile_id text not null,
      server text not null,
      tool text not null,
      config text not null, -- a hash of the server's configuration
      hash text not null, -- of name, description and parameters
      description text not null,
      parameters text not null, -- JSON
      approved_at integer not null, -- milliseconds since the epoch
      primary key (profile_id, server, tool)
    ) strict, without rowid;
  `,
};
