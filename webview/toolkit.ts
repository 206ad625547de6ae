// The webview toolkit, in the one file that imports it: it is archived upstream, and can be replaced here.
import './nonce.ts'; // by itself, so that it stays before the toolkit where imports are sorted

import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { returnNonce } from './nonce.ts';

/** Defines `vscode-button`, `vscode-progress-ring` and `vscode-text-field`. */
export function registerToolkit(): void {
  returnNonce();
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeProgressRing(), vsCodeTextField());
}
