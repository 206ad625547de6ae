#!/usr/bin/env node
// Entry of the one program. Checks Node's version before anything that an older one could not load.
// Written in syntax that every Node understands; the program itself is loaded after the check.
const lowest = 22;
const major = Number(process.versions.node.split('.')[0]);

if (major < lowest) {
  process.stderr.write(
    `Switchyard needs Node ${lowest} or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      'In a clone, use `npm start` after `npm ci`, which brings the right one. Elsewhere, install a newer Node and try again.\n',
  );
  process.exit(3);
} else {
  // Windows looks for a program in the working folder first, where a project could plant a git.exe.
  if (process.platform === 'win32') process.env['NoDefaultCurrentDirectoryInExePath'] = '1';
  void import('./cli/cli.ts').then(({ main }) => main(process.argv.slice(2)));
}

export {};
