// What the suites test: the packaged extension as an editor installed it, and the program inside it. Prepared by run.ts.
import { join } from 'node:path';

/** Names of the environment variables through which run.ts tells the suites what it prepared. */
export const productVariables = {
  extensionsFolder: 'SWITCHYARD_TEST_EXTENSIONS',
  extensionFolder: 'SWITCHYARD_TEST_EXTENSION',
  codeServer: 'SWITCHYARD_TEST_CODE_SERVER',
  sid: 'SWITCHYARD_TEST_SID',
  missing: 'SWITCHYARD_TEST_MISSING',
} as const;

export const product = {
  /** code-server's folder of extensions, in which the package is installed. */
  get extensionsFolder(): string {
    return prepared(productVariables.extensionsFolder);
  },
  /** The installed extension. */
  get extensionFolder(): string {
    return prepared(productVariables.extensionFolder);
  },
  /** `switchyard`, to be run by Node. */
  get program(): string {
    return join(product.extensionFolder, 'dist', 'daemon', 'switchyard.js');
  },
  /** Where programs of Debian's unstable suite are unpacked. */
  get sid(): string {
    return prepared(productVariables.sid);
  },
  /** code-server's own package folder. */
  get codeServer(): string {
    return prepared(productVariables.codeServer);
  },
};

function prepared(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(
      `${name} is not set: the editors' tests are run by npm run test:editors, which prepares what they need.`,
    );
  return value;
}
