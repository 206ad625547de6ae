// The tab in which a change set is shown: a diff of several files tells nothing of itself but its name.
import * as vscode from 'vscode';

export function isDiffTab(tab: vscode.Tab, title: string): boolean {
  return tab.label.startsWith(title) && !(tab.input instanceof vscode.TabInputText);
}

export async function closeDiff(title: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => isDiffTab(tab, title));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs);
}
