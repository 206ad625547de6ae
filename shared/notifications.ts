// What the daemon tells clients unasked, by name alone, so that the extension need not load the schemas for it. The names begin with
// `$/`: clients that do not know them ignore them.

/** To all clients: models or keys changed, so that what they show of them may be old. */
export const modelsChanged = '$/switchyard/modelsChanged';

/** To the clients of a profile: one of its jobs changed; its params are `jobId`, `state`, and, while it runs, `detail`, or, while it waits, `question`. */
export const jobsChanged = 'switchyard/jobs/changed';

/** To the clients of a profile: something that a run of the agent changed was kept or undone, whoever did it. */
export const changesDecided = '$/switchyard/changesDecided';

export interface DecidedChanges {
  jobId: string;
  /** What is kept: hunks of a file by their ids, else all of the file, else all of the run. Absent where something was undone. */
  kept?: { uri?: string; hunks?: readonly string[] };
}

/** To the clients of a profile: its chats or reviews changed, whoever changed them. */
export const historyChanged = '$/switchyard/historyChanged';
