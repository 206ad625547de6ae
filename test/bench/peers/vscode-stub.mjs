// A stand-in for the module `vscode`, as far as loading and activating an extension touches it. Events, disposables and URIs
// work; everything else can be called, constructed, extended and asked for properties, and does nothing.

class Disposable {
  static from(...disposables) {
    return new Disposable(() => disposables.forEach((disposable) => void disposable.dispose()));
  }
  constructor(dispose = () => {}) {
    this.dispose = dispose;
  }
}

class EventEmitter {
  #listeners = new Set();
  event = (listener) => {
    this.#listeners.add(listener);
    return new Disposable(() => this.#listeners.delete(listener));
  };
  fire(value) {
    for (const listener of this.#listeners) listener(value);
  }
  dispose() {
    this.#listeners.clear();
  }
}

class Uri {
  static parse = (text) =>
    Object.assign(new Uri(), {
      scheme: text.split(':')[0],
      path: new URL(text).pathname,
      fsPath: new URL(text).pathname,
    });
  static file = (path) => Object.assign(new Uri(), { scheme: 'file', path, fsPath: path });
  static from = (parts) => Object.assign(new Uri(), { path: '', fsPath: '', ...parts });
  static joinPath = (uri, ...names) =>
    Object.assign(new Uri(), {
      ...uri,
      path: [uri.path, ...names].join('/'),
      fsPath: [uri.fsPath, ...names].join('/'),
    });
  toString() {
    return `${this.scheme}:${this.path}`;
  }
}

/** An object of the editor's: its methods return more of the same, what is set on it stays. */
function thing() {
  return new Proxy(
    { dispose() {} },
    { get: (target, name) => (name in target ? target[name] : name === 'then' ? undefined : thing) },
  );
}

/** `window`, `workspace` and so on: `onDid…` are events, the rest makes things. */
function area() {
  const known = {
    tabGroups: { all: [], onDidChangeTabs: () => new Disposable() },
    workspaceFolders: [],
    textDocuments: [],
    isTrusted: true,
  };
  return new Proxy(known, {
    get: (target, name) =>
      name in target ? target[name] : /^on[A-Z]/.test(String(name)) ? () => new Disposable() : thing,
  });
}

const made = new Map(Object.entries({ Disposable, EventEmitter, Uri, version: '1.99.0' }));

/** A bundle copies the module's own properties and inherits the rest, so the names that nobody listed are on the prototype. */
export const vscode = Object.create(
  new Proxy(
    {},
    {
      get(_, name) {
        if (typeof name === 'symbol') return undefined;
        if (!made.has(name)) made.set(name, /^[A-Z]/.test(name) ? class {} : area());
        return made.get(name);
      },
    },
  ),
);
