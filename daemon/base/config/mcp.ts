// The `mcpServers` section of config.json: programs and addresses that offer tools to the agent. No workspace file adds one.
import * as z from 'zod';

/** Never with two underscores, which part it from the tool's name. */
export const mcpServerName = /^[A-Za-z0-9](?:[A-Za-z0-9]|[-_](?=[A-Za-z0-9])){0,29}$/;

const mayRefer = `A value may contain \${key:NAME}, a key saved with \`switchyard keys set NAME\`, or \${env:NAME}, a variable.`;

export const McpServerConfig = z
  .object({
    command: z.string().min(1).optional().describe('The program to start, without a shell.'),
    args: z.array(z.string()).optional().describe('Its arguments.'),
    env: z.record(z.string(), z.string()).optional().describe(`Variables of its environment. ${mayRefer}`),
    cwd: z.string().min(1).optional().describe('The folder that it starts in. Default: your home folder.'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('The address of a server that speaks HTTP, instead of a command.'),
    headers: z.record(z.string(), z.string()).optional().describe(`Headers of each request to it. ${mayRefer}`),
    local: z
      .boolean()
      .optional()
      .describe(
        "Whether the program stays on this machine. Switchyard can't see what it connects to, so under localOnly or network.allowHosts it starts only programs that have this set to true.",
      ),
    tools: z.array(z.string()).optional().describe('The tools to use, by name. Default: all that you approve.'),
  })
  .refine(({ command, url }) => (command === undefined) !== (url === undefined), {
    message: 'expected either a command or a url',
  });

export const McpServersConfig = z.record(
  z.string().regex(mcpServerName, 'use letters, digits, and single dashes or underscores between them, at most 30'),
  McpServerConfig,
);

export type McpServerConfig = z.infer<typeof McpServerConfig>;
