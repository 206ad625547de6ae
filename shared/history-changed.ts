// Sent to the clients of a profile, like `modelsChanged` to all; a name of its own for the same reason.

/** Tells clients that chats or reviews of their profile changed, whoever changed them. Clients that do not know it ignore it. */
export const historyChanged = '$/switchyard/historyChanged';
