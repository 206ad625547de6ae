// Findings as Markdown on the clipboard: one, or the whole review with what was not checked.
import * as vscode from 'vscode';
import { markdownFinding, markdownReport } from '../../shared/review-markdown.ts';
import type { Context } from '../context.ts';
import { cleanTexts } from '../logic/clean-shown.ts';
import { byPlace } from '../review/finding-order.ts';
import { window } from '../window.ts';

export async function copyFinding(ctx: Context, argument: unknown): Promise<void> {
  const finding = ctx.findings.of(argument);
  if (!finding) return;
  const place = `${nameOf(finding.uri)}:${finding.range.start.line + 1}`;
  await vscode.env.clipboard.writeText(cleanTexts([place, '', ...markdownFinding(finding)].join('\n')));
}

export async function copyReview(ctx: Context): Promise<void> {
  const { last } = ctx.review;
  const open = ctx.findings.all().toSorted(byPlace);
  if (!last && open.length === 0) return void window.showInformationMessage('No review to copy yet.');
  const { summary = '', coverage = [], solved = [], rules = [] } = last ?? {};
  const report = markdownReport([{ summary, coverage, rules, findings: [...open, ...solved] }], nameOf);
  await vscode.env.clipboard.writeText(cleanTexts(report));
  void window.showInformationMessage('Copied the review as Markdown.');
}

function nameOf(uri: string): string {
  return vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
}
