/** An interface of promises as the worker answers it: at once. */
export type Synchronous<Interface> = {
  [Name in keyof Interface]: Interface[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never;
};
