// `switchyard gpu`: which GPUs are here, and GPU support for them.
import { resolve } from 'node:path';
import { GpuInstall, GpuRemove, GpuStatus } from '../../shared/protocol/gpu.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { clean, printJson, printLine } from './kit/terminal.ts';

export const options = {
  cuda: {
    type: 'boolean',
    goesWith: ['install'],
    description: 'Install CUDA instead of Vulkan, for NVIDIA (a larger download)',
  },
  json,
} as const;

interface GpuArguments {
  files: string[];
  cuda: boolean;
  json: boolean;
}

const subcommands: Record<string, (args: GpuArguments) => Promise<void>> = { status, install, remove };

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  const [name = 'status', ...files] = positionals;
  const subcommand = subcommandOf('gpu', subcommands, name);
  if (name !== 'install' && files.length > 0) throw new UsageError(`Unexpected argument "${files[0]}".`);
  await subcommand({
    files: files.map((file) => resolve(file)),
    cuda: values.cuda ?? false,
    json: values.json ?? false,
  });
  return 0;
}

async function status({ json }: GpuArguments): Promise<void> {
  const found = await withDaemon((client) => client.call(GpuStatus, {}));
  if (json) printJson(found);
  else printLine(found.detail);
}

async function install({ files, cuda, json }: GpuArguments): Promise<void> {
  const params = { kind: cuda ? 'cuda' : 'vulkan', ...(files.length > 0 && { files }) } as const;
  const { detail } = await withDaemon((client) =>
    client.call(GpuInstall, params, ({ text }) => void process.stderr.write(`${clean(text)}…\n`)),
  );
  if (json) printJson({ detail });
  else printLine(`GPU support is installed: ${detail}.`);
}

async function remove({ json }: GpuArguments): Promise<void> {
  const result = await withDaemon((client) => client.call(GpuRemove, {}));
  if (json) printJson(result);
  else printLine(result.removed ? 'GPU support is removed. Models run on the CPU.' : "GPU support isn't installed.");
}
