// The part of turndown that is used; the package has no types of its own, and its nodes are those of any page.
declare module 'turndown' {
  interface Rule {
    filter: string | string[];
    // biome-ignore lint/suspicious/noExplicitAny: whatever document it is given
    replacement(text: string, node: any): string;
  }

  class TurndownService {
    constructor(options: Record<string, string>);
    addRule(name: string, rule: Rule): this;
    remove(filter: string[]): this;
    turndown(node: object): string;
  }
  export = TurndownService;
}
