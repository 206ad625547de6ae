// A page on the disk that leads a browser to an address. A program's arguments are read by every user of a machine, a file of mode 0600 is
// not, so that the system's opener is given the file's path and never the address. Jupyter does the same (notebook#4260).
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cannotWrite } from '../base/run-folder.ts';

const named = /^open-[\w-]+\.html$/;

/** Writes the page into a folder that only the user may enter; its path. Throws UserError `cannot-write`. */
export function writeRedirect(folder: string, url: string): string {
  const path = join(folder, `open-${randomBytes(12).toString('base64url')}.html`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, redirectPage(url), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw cannotWrite(folder, error);
  }
  return path;
}

export function removeRedirect(path: string): void {
  rmSync(path, { force: true });
}

/** Removes what a daemon that was killed has left. */
export function removeRedirects(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (named.test(name)) removeRedirect(join(folder, name));
}

/** A page that leads on at once, without a script. `url` is an address of ours: it is escaped all the same. */
export function redirectPage(url: string): string {
  const address = url.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url=${address}">
<title>Switchyard</title>
</head>
<body><a href="${address}">Open Switchyard</a></body>
</html>
`;
}
