// A query as it is sent while it is being typed. Pure.

/** Whose last word may go on: what is found begins with it. A filter, a phrase or an exclusion is taken as it stands. */
export function asTyped(query: string): string {
  const last = /(?:^|\s)(\S*[\p{L}\p{N}_])$/u.exec(query)?.[1];
  const isPlain = last !== undefined && !/^-|^(kind|lang|path|project|after|before):/i.test(last);
  return isPlain && query.split('"').length % 2 === 1 ? `${query}*` : query;
}
