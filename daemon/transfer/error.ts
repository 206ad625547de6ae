// What stops a transfer, in a sentence for the user.

/** Shown as it is written: what is wrong with a file, and what to do about it. */
export class TransferError extends Error {}

/** One chat that cannot be read; the others can. The message goes on after "because". */
export class UnreadableChat extends Error {}
