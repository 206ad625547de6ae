// The one message that the daemon sends to all clients unasked; a name of its own, so that the extension need not load the schemas for it.

/** Tells clients that models or keys changed, so that what they show of them may be old. `$/`: clients that do not know it ignore it. */
export const modelsChanged = '$/switchyard/modelsChanged';
