// @switchyard /search: chats, findings, code and memories, each with a way to it.
import * as vscode from 'vscode';
import { Search } from '../../shared/protocol/search.ts';
import { DaemonError } from '../daemon-client.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import { toEditor } from '../places.ts';
import { hitWords } from './chat-words.ts';
import type { ParticipantCall, ResultNote } from './participant-call.ts';

const maxHits = 10;

export async function searchAll({ ctx, request, stream, signal }: ParticipantCall): Promise<ResultNote> {
  const query = request.prompt.trim();
  if (query === '') throw new DaemonError('no-query', vscode.l10n.t('Add what to search for after /search.'));
  const { hits, notes } = await ctx.daemon.call(Search, { query, limit: maxHits, meaning: true }, { signal });
  if (hits.length === 0) stream.markdown(`${vscode.l10n.t('No matches.')}\n\n`);
  for (const hit of hits) {
    stream.markdown(`${hitWords(hit, vscode.l10n.t)}\n\n`);
    if (hit.uri === undefined) continue;
    const uri = vscode.Uri.parse(hit.uri);
    stream.anchor(hit.range ? new vscode.Location(uri, toEditor(hit.range)) : uri);
    stream.markdown('\n\n');
  }
  for (const note of notes) stream.markdown(`> ${escapeMarkdown(note)}\n\n`);
  stream.button({ command: 'switchyard.openHistory', title: vscode.l10n.t('Search in History'), arguments: [query] });
  return {};
}
