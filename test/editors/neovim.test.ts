// Neovim's own LSP client, headless, on the packaged program.
import { describe } from 'mocha';
import { startNeovim } from './harness/lsp-client.ts';
import { plainEditorSuite } from './harness/plain-editor-suite.ts';

describe('Neovim, through plain LSP', () => plainEditorSuite(startNeovim));
