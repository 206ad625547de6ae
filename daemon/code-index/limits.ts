// What a scan takes at most.

export const maxFileBytes = 1024 * 1024;
export const maxFiles = 50_000;
