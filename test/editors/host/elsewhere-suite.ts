// What the extension host loads where the workspace's files are in another one.
import { elsewhereCases } from './elsewhere-cases.ts';
import { runCases } from './suite.ts';

export const run = (): Promise<void> => runCases(elsewhereCases);
