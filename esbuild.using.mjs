// `using` in a loop, for a Node that does not know it. esbuild lowers it to `var`s that keep an error of one round into the next, so
// that a round without an error throws the one before it. Here they begin anew with each round.
import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';

export const usingInLoops = {
  name: 'using-in-loops',
  setup({ onLoad, initialOptions: { target } }) {
    onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return /^\s*(await )?using /m.test(source) ? { contents: await lowered(source, path, target) } : undefined;
    });
  },
};

async function lowered(source, path, target) {
  const { code } = await transform(source, { loader: 'ts', target, sourcemap: 'inline', sourcefile: path });
  let begun = 0;
  const mended = code.replace(/\bvar _stack(\d*) = \[\]/g, (declared, number) => {
    begun++;
    return `${declared}, _error${number} = void 0, _hasError${number} = false`;
  });
  const ended = code.match(/\bvar _error(\d*) = _\d*, _hasError\1 = true;/g)?.length ?? 0;
  if (begun === 0 || begun !== ended)
    throw new Error(`${path}: esbuild lowers \`using\` otherwise than it did. See esbuild.using.mjs.`);
  return mended;
}
