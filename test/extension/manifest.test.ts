// package.json and the code name the same commands, settings and schemes: what one offers the other has.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, it } from 'mocha';
import { Config } from '../../daemon/base/config/config.ts';
import { toolNames } from '../../extension/vscode-chat/tool-names.ts';
import { PolicyName } from '../../shared/protocol/chat.ts';

interface Setting {
  type: string | string[];
  default: unknown;
  scope?: string;
  order?: number;
  markdownDescription?: string;
  enum?: string[];
  enumItemLabels?: string[];
  enumDescriptions?: string[];
}

interface Manifest {
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command?: string; when?: string }[]>;
    keybindings: { command: string; when?: string }[];
    configuration: { id: string; title: string; order: number; properties: Record<string, Setting> }[];
    walkthroughs: { steps: { id: string; when?: string; media: { image?: string; svg?: string } }[] }[];
    configurationDefaults: Record<string, string>;
    viewsWelcome: { view: string; contents: string; when?: string }[];
    mcpServerDefinitionProviders: { id: string }[];
    languageModelChatProviders: { vendor: string }[];
    languageModelTools: { name: string }[];
    chatParticipants: { id: string; commands: { name: string }[] }[];
  };
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { contributes, capabilities } = JSON.parse(read('package.json')) as Manifest;
const settings: Record<string, Setting> = Object.assign(
  {},
  ...contributes.configuration.map((each) => each.properties),
);
const registered = new Set(
  [...read('extension/commands.ts').matchAll(/^ {2}'(switchyard\.\w+)':/gm)].map((match) => match[1]),
);
const declared = contributes.commands.map(({ command }) => command);
/** Commands that only code actions and suggestions run, with arguments; a user never sees their names. */
const wireOnly = ['switchyard.review', 'switchyard.action', 'switchyard.chat', 'switchyard.completionAccepted'];

describe('the manifest', () => {
  it("keeps VS Code's Comments view from opening for findings, which have no state, but not for threads that are unresolved", () => {
    assert.deepEqual(contributes.configurationDefaults, { 'comments.openView': 'firstFileUnresolved' });
    assert.doesNotMatch(read('extension/findings.ts'), /CommentThreadState/);
  });
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
    assert.deepEqual(Object.keys(settings).sort(), [...new Set(used)].sort());
  });
  it('groups its settings under titles, each setting with its place, scope, and a sentence that says what it does', () => {
    const orders = contributes.configuration.map(({ order }) => order);
    assert.deepEqual(orders, [...new Set(orders)].sort(), 'sections are in their order');
    for (const { title, properties } of contributes.configuration) {
      const places = Object.values(properties).map(({ order }) => order);
      assert.deepEqual(places, [...places.keys()], title);
    }
    for (const [name, { scope, markdownDescription = '', default: value }] of Object.entries(settings)) {
      assert.notEqual(value, undefined, name);
      assert.match(
        scope ?? '',
        /^(application|machine|machine-overridable|window|resource|language-overridable)$/,
        name,
      );
      assert.match(markdownDescription, /^(Sets|Controls) .*\.$/, name);
    }
  });
  it('gives the settings that the daemon has too its defaults and choices', () => {
    const { localOnly, index, budgets, completion } = Config.parse({});
    const shared = {
      localOnly,
      'index.enabled': index.enabled,
      'budgets.dayUsd': budgets.dayUsd ?? null,
      'budgets.monthUsd': budgets.monthUsd ?? null,
      'completion.enabled': completion.enabled,
      'completion.multiline': completion.multiline,
      'completion.onBattery': completion.onBattery,
    };
    for (const [name, value] of Object.entries(shared))
      assert.equal(settings[`switchyard.${name}`]?.default, value, name);
    const policy = settings['switchyard.routing.policy'];
    assert.deepEqual(policy?.enum, ['', ...PolicyName.options]);
    assert.equal(policy?.enumItemLabels?.length, policy?.enum?.length);
    assert.equal(policy?.enumDescriptions?.length, policy?.enum?.length);
  });
  it('lets no workspace choose which program runs, or what may be spent', () => {
    for (const name of ['node', 'budgets.dayUsd', 'budgets.monthUsd'])
      assert.equal(settings[`switchyard.${name}`]?.scope, 'machine', name);
  });
  it('offers in empty views and in conditions only what there is', () => {
    const linked = contributes.viewsWelcome.flatMap(({ contents }) =>
      [...contents.matchAll(/\(command:(switchyard\.\w+)\)/g)].map((match) => match[1] ?? ''),
    );
    assert.deepEqual(
      linked.filter((command) => !declared.includes(command)),
      [],
    );
    const { menus, keybindings, viewsWelcome, walkthroughs } = contributes;
    const places = [
      ...Object.values(menus).flat(),
      ...keybindings,
      ...viewsWelcome,
      ...walkthroughs.flatMap(({ steps }) => steps),
    ];
    const conditions = places.map(({ when = '' }) => when).join(' && ');
    const asked = [...conditions.matchAll(/(?<!\w\.|== )\b(switchyard\.\w+)/g)].map((match) => match[1] ?? '');
    const sources = readdirSync(new URL('../../extension', import.meta.url), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(`extension/${file}`))
      .filter((text) => text.includes("'setContext'"))
      .join('');
    assert.deepEqual(
      [...new Set(asked)].filter((key) => !sources.includes(`'${key}'`)),
      [],
    );
  });
  it('has a small picture for each step of its walkthrough', () => {
    for (const { id, media } of contributes.walkthroughs.flatMap(({ steps }) => steps)) {
      const { size } = statSync(new URL(`../../${media.image ?? media.svg}`, import.meta.url));
      assert.ok(size <= 60 * 1024, `${id}: ${size} bytes`); // the whole package is downloaded with them
    }
  });
  it('takes no setting from a workspace that is not trusted', () => {
    assert.deepEqual(
      capabilities.untrustedWorkspaces.restrictedConfigurations.toSorted(),
      Object.keys(settings).sort(),
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
