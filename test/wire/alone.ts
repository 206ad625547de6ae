// A daemon that serves one client on stdio, in its own process, with a scripted model: what the tests of the wire speak to.
import { writeScriptedModel } from '../fakes/gguf.ts';
import { Home, program } from '../process/home.ts';
import { LspClient } from '../process/lsp-client.ts';

export interface LoneDaemon extends AsyncDisposable {
  home: Home;
  client: LspClient;
}

/** Not initialized yet. `script` is what the model says to whatever it is asked. */
export function startAlone(script?: string): LoneDaemon {
  const home = new Home();
  if (script !== undefined) {
    writeScriptedModel(home.file('tiny.gguf'), script);
    home.configure({ localModels: [home.file('tiny.gguf')] });
  }
  const client = new LspClient(home.spawn([program, '--stdio', '--alone']));
  return { home, client, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}
