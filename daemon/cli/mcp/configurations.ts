// How other programs are told to start `switchyard mcp`: each in its own format.

interface McpCommand {
  command: string;
  args: readonly string[];
}

interface ClientConfiguration {
  /** Where its user puts the text. */
  place: string;
  text(command: McpCommand): string;
}

export const configurations: Readonly<Record<string, ClientConfiguration>> = {
  vscode: {
    place: "VS Code's mcp.json (MCP: Open User Configuration). Switchyard's extension needs none of this",
    text: (command) => json({ servers: { switchyard: { type: 'stdio', ...command } } }),
  },
  claude: {
    place: '.mcp.json in your project, or ~/.claude.json',
    text: (command) => json({ mcpServers: { switchyard: { type: 'stdio', ...command } } }),
  },
  cursor: {
    place: '~/.cursor/mcp.json, or .cursor/mcp.json in your project',
    text: (command) => json({ mcpServers: { switchyard: command } }),
  },
  zed: {
    place: "Zed's settings.json",
    text: (command) => json({ context_servers: { switchyard: { ...command, env: {} } } }),
  },
  codex: {
    place: '~/.codex/config.toml',
    text: ({ command, args }) =>
      `[mcp_servers.switchyard]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}`, // TOML's basic strings escape as JSON's do
  },
};

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}
