// package.json and the code name the same commands, settings and schemes: what one offers the other has.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { toolNames } from '../../extension/vscode-chat/tool-names.ts';

interface Manifest {
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command?: string }[]>;
    keybindings: { command: string }[];
    configuration: { properties: Record<string, unknown> };
    mcpServerDefinitionProviders: { id: string }[];
    languageModelChatProviders: { vendor: string }[];
    languageModelTools: { name: string }[];
    chatParticipants: { id: string; commands: { name: string }[] }[];
  };
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { contributes, capabilities } = JSON.parse(read('package.json')) as Manifest;
const registered = new Set(
  [...read('extension/commands.ts').matchAll(/^ {2}'(switchyard\.\w+)':/gm)].map((match) => match[1]),
);
const declared = contributes.commands.map(({ command }) => command);
/** Commands that only code actions and suggestions run, with arguments; a user never sees their names. */
const wireOnly = ['switchyard.review', 'switchyard.action', 'switchyard.chat', 'switchyard.completionAccepted'];

describe('the manifest', () => {
  it('declares every registered command, but for those of code actions', () => {
    assert.deepEqual([...registered].sort(), [...declared, ...wireOnly].sort());
  });
  it('offers declared commands only in menus and keys', () => {
    const offered = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].flatMap(
      ({ command }) => command ?? [],
    );
    assert.deepEqual(
      offered.filter((command) => !declared.includes(command)),
      [],
    );
  });
  it('has exactly the settings that the code reads', () => {
    const used = [
      ...read('extension/settings.ts').matchAll(/configuration\(\)\.(?:get|inspect)<[^>]+>\('([\w.]+)'\)/g),
    ].map((match) => `switchyard.${match[1]}`);
    assert.deepEqual(Object.keys(contributes.configuration.properties).sort(), [...new Set(used)].sort());
  });
  it('takes no setting from a workspace that is not trusted', () => {
    assert.deepEqual(
      capabilities.untrustedWorkspaces.restrictedConfigurations.toSorted(),
      Object.keys(contributes.configuration.properties).sort(),
    );
  });
  it('names the provider of MCP servers that the code registers', () => {
    const ids = contributes.mcpServerDefinitionProviders.map(({ id }) => id);
    assert.deepEqual(ids, [/const id = '(.+)'/.exec(read('extension/mcp/mcp-servers.ts'))?.[1]]);
  });
  it("names what VS Code's chat is given: models, tools, and the participant with its commands", () => {
    const registration = read('extension/vscode-chat/register.ts');
    assert.deepEqual(
      contributes.languageModelTools.map(({ name }) => name),
      [...toolNames],
    );
    for (const { vendor } of contributes.languageModelChatProviders)
      assert.ok(registration.includes(`vendor = '${vendor}'`));
    const [participant] = contributes.chatParticipants;
    assert.ok(registration.includes(`participantId = '${participant?.id}'`));
    const table = /commands: [^{]*\{([^}]*)\}/.exec(read('extension/vscode-chat/participant.ts'))?.[1] ?? '';
    const handled = [...table.matchAll(/^ {2}(\w+)[:,]/gm)].map((match) => match[1]);
    assert.deepEqual(
      participant?.commands.map(({ name }) => name),
      handled,
    );
  });
  it('names the scheme and the thread kinds that the code uses', () => {
    assert.match(read('extension/previews/virtual-documents.ts'), /proposalScheme = 'switchyard-proposal'/);
    assert.match(JSON.stringify(contributes.menus), /resourceScheme == switchyard-proposal/);
    for (const kind of ['finding', 'explanation']) {
      assert.match(read('extension/findings.ts'), new RegExp(`Context = '${kind}'`));
      assert.match(JSON.stringify(contributes.menus), new RegExp(`commentThread == ${kind}"`));
    }
  });
});
