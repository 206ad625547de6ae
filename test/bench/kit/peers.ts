// Programs that answer a question in a terminal, beside ours: how each is installed, and how it is told of a model server.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Installable, step } from './install.ts';

/** A program that is installed, and the address of the model server. `home` is its user's folder. */
interface PeerPlace {
  folder: string;
  home: string;
  model: string;
}

export interface PeerCommand {
  program: string;
  args: string[];
  env: Record<string, string>;
}

export interface Peer extends Installable {
  /** Writes what it needs into the home, and says how it is asked "hello". */
  command(place: PeerPlace): PeerCommand;
}

const question = 'hello';

function fromNpm(name: string, version: string): (folder: string) => boolean {
  return (folder) => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    return step('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`], folder);
  };
}

function fromPyPi(name: string, version: string): (folder: string) => boolean {
  return (folder) =>
    step('python3', ['-m', 'venv', 'venv'], folder) &&
    step(join(folder, 'venv/bin/python'), ['-m', 'pip', 'install', '--quiet', `${name}==${version}`], folder);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** As most of them want it; an address has no other name there. */
const openAiVariables = (model: string): Record<string, string> => ({
  OPENAI_API_KEY: 'none',
  OPENAI_BASE_URL: model,
  OPENAI_API_BASE: model,
});

export const peers: readonly Peer[] = [
  {
    name: 'llm',
    version: '0.36',
    install: fromPyPi('llm', '0.36'),
    command: ({ folder, home, model }) => {
      write(
        join(home, 'llm/extra-openai-models.yaml'),
        `- model_id: scripted\n  model_name: scripted\n  api_base: ${model}\n`,
      );
      return {
        program: join(folder, 'venv/bin/llm'),
        args: ['-m', 'scripted', question],
        env: { LLM_USER_PATH: join(home, 'llm'), OPENAI_API_KEY: 'none' },
      };
    },
  },
  {
    name: 'Aider',
    version: '0.86.2',
    install: fromPyPi('aider-chat', '0.86.2'),
    command: ({ folder, model }) => ({
      program: join(folder, 'venv/bin/aider'),
      args: ['--model', 'openai/scripted', '--message', question, '--yes', '--no-show-model-warnings'],
      env: openAiVariables(model),
    }),
  },
  {
    name: 'pi',
    version: '0.73.1',
    install: fromNpm('@mariozechner/pi-coding-agent', '0.73.1'),
    command: ({ folder, home, model }) => {
      const scripted = { baseUrl: model, api: 'openai-completions', apiKey: 'none', models: [{ id: 'scripted' }] };
      write(join(home, '.pi/agent/models.json'), JSON.stringify({ providers: { scripted } }));
      return {
        program: join(folder, 'node_modules/.bin/pi'),
        args: ['-p', question, '--provider', 'scripted', '--model', 'scripted'],
        env: {},
      };
    },
  },
  {
    name: 'Qwen Code',
    version: '0.24.4',
    folder: 'qwen-code',
    install: fromNpm('@qwen-code/qwen-code', '0.24.4'),
    command: ({ folder, model }) => ({
      program: join(folder, 'node_modules/.bin/qwen'),
      args: ['-p', question, '--auth-type', 'openai', '-m', 'scripted'],
      env: openAiVariables(model),
    }),
  },
  {
    name: 'opencode',
    version: '1.18.33',
    install: fromNpm('opencode-ai', '1.18.33'),
    command: ({ folder, home, model }) => {
      const scripted = {
        npm: '@ai-sdk/openai-compatible',
        options: { baseURL: model, apiKey: 'none' },
        models: { scripted: {} },
      };
      write(
        join(home, '.config/opencode/opencode.json'),
        JSON.stringify({ provider: { scripted }, model: 'scripted/scripted' }),
      );
      return {
        // The package's own program is a script that npm would run to find this one.
        program: join(folder, `node_modules/opencode-${process.platform}-${process.arch}/bin/opencode`),
        args: ['run', question],
        env: {},
      };
    },
  },
];
