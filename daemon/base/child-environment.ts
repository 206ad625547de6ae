// The part of the user's environment that a child process of the daemon gets.

/** The user's environment without what looks like a secret, and without options meant for another Node. */
export function childEnvironment(from: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(from).filter(([name]) => name !== 'NODE_OPTIONS' && !looksSecret(name));
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' };
}

/** Whether a variable is called like a secret. */
export function looksSecret(name: string): boolean {
  return /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH/i.test(name);
}
