// What "always" allows, as the user reads it before they answer so. For a program it is exactly what was shown; for a file, a site and a
// server's tool it is more: that one file, site or tool, whatever it is given. Pure.
import type { CallKind } from '../protocol/agent.ts';

interface AlwaysWords {
  /** On a button. */
  label: string;
  /** A sentence or two. */
  detail: string;
}

const exactly: AlwaysWords = {
  label: 'Always allow exactly this',
  detail: 'Allow exactly this from now on. Anything that differs asks again.',
};

const words: Partial<Record<CallKind, AlwaysWords>> = {
  edit: {
    label: 'Always allow changes to this file',
    detail: 'Allow any change to this file from now on. Other files ask again.',
  },
  web: {
    label: 'Always allow this site',
    detail: 'Allow anything to be asked of this site from now on. Other sites ask again.',
  },
  mcp: {
    label: 'Always allow this tool',
    detail: 'Allow this tool from now on, whatever it is given. If the tool changes, it asks again.',
  },
};

export function alwaysWords(kind: CallKind): AlwaysWords {
  return words[kind] ?? exactly;
}
