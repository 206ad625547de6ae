// Offers the daemon's tools to VS Code's agents, as an MCP server that VS Code starts when one of them needs it. Nothing runs before.
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { isIndexEnabled, namedProfile, nodeProgram } from '../settings.ts';

const id = 'switchyard.tools';

/** `program` is the daemon's. The server has this window's profile and folders; VS Code names the folders itself. */
export function registerMcpServers(program: string, version: string): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (settings.some((name) => change.affectsConfiguration(name))) changed.fire();
    }),
    vscode.lm.registerMcpServerDefinitionProvider(id, {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () => (vscode.workspace.isTrusted ? [definition(program, version)] : []),
    }),
  );
}

const settings = ['switchyard.node', 'switchyard.profile', 'switchyard.index.enabled'];

function definition(program: string, version: string): vscode.McpStdioServerDefinition {
  const profile = namedProfile();
  const args = [
    program,
    'mcp',
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(isIndexEnabled() ? [] : ['--no-index']),
  ];
  const server = new vscode.McpStdioServerDefinition('Switchyard', nodeProgram(), args, env, version);
  server.cwd = vscode.Uri.file(homedir()); // the daemon that it may start outlives the workspace folder
  return server;
}

const env = { ELECTRON_RUN_AS_NODE: '1' };
