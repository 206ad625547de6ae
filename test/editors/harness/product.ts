// What the suites test: the packaged extension as an editor installed it, and the program inside it. Prepared by run.ts.
import { join } from 'node:path';

export interface Product {
  /** The package, in a folder from which the repository cannot be seen. */
  vsix: string;
  /** code-server's folder of extensions, in which the package is installed. */
  extensionsFolder: string;
  /** The installed extension. */
  extensionFolder: string;
  /** `switchyard`, to be run by Node. */
  program: string;
  /** code-server's own package folder. */
  codeServer: string;
}

/** Names of the environment variables through which run.ts tells the suites what it prepared. */
export const productVariables = {
  vsix: 'SWITCHYARD_TEST_VSIX',
  extensionsFolder: 'SWITCHYARD_TEST_EXTENSIONS',
  extensionFolder: 'SWITCHYARD_TEST_EXTENSION',
  codeServer: 'SWITCHYARD_TEST_CODE_SERVER',
  missing: 'SWITCHYARD_TEST_MISSING',
} as const;

export function product(): Product {
  const extensionFolder = prepared(productVariables.extensionFolder);
  return {
    vsix: prepared(productVariables.vsix),
    extensionsFolder: prepared(productVariables.extensionsFolder),
    extensionFolder,
    program: join(extensionFolder, 'dist', 'daemon', 'switchyard.js'),
    codeServer: prepared(productVariables.codeServer),
  };
}

function prepared(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the editors' tests are run by npm run test:editors, which prepares what they need.`);
  return value;
}
