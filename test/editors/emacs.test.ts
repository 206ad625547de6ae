// Emacs with eglot, in batch mode, on the packaged program.
import { describe } from 'mocha';
import { startEmacs } from './harness/lsp-client.ts';
import { plainEditorSuite } from './harness/plain-editor-suite.ts';

describe('Emacs, through plain LSP', () => plainEditorSuite(startEmacs));
