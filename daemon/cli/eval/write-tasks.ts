// The tasks that writing is measured with. They are data in media/eval/write/tasks.txt: what is asked for, code that does it, code that
// only looks right, and a check. A task's file exports what is asked for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface WriteTask {
  name: string;
  /** As a sentence to a model. */
  instruction: string;
  good: string;
  bad: string;
  /** A program that ends with 0 where `file` beside it does what was asked. */
  check: string;
}

export const taskFile = 'answer.js';

/** In a fixed order. Throws where the file is not of its form. */
export function readWriteTasks(media: string): WriteTask[] {
  const text = readFileSync(join(media, 'eval', 'write', 'tasks.txt'), 'utf8').replaceAll('\r\n', '\n');
  return text
    .split(/\n{2,}/)
    .map((record) => record.replace(/^#.*\n?/gm, '').trim())
    .filter((record) => record !== '')
    .map(taskFrom);
}

function taskFrom(record: string): WriteTask {
  const field = (name: string): string => {
    const found = new RegExp(`^${name}: (.+)$`, 'm').exec(record)?.[1];
    if (found === undefined) throw new Error(`a task has no ${name}: ${record.slice(0, 80)}`);
    return found;
  };
  return {
    name: field('name'),
    instruction: `Write a CommonJS module for Node that exports, as module.exports, ${field('ask')}.`,
    good: `module.exports = ${field('good')};\n`,
    bad: `module.exports = ${field('bad')};\n`,
    check: [
      'process.exitCode = 1; // where nothing more happens, nothing has passed',
      `const f = require('./${taskFile}');`,
      "const same = require('node:util').isDeepStrictEqual;",
      `(async () => (${field('check')}))().then((passes) => process.exit(passes ? 0 : 1), () => process.exit(1));`,
      '',
    ].join('\n'),
  };
}
