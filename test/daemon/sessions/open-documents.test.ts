// Open documents: scripts known by their first line.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { OpenDocuments } from '../../../daemon/sessions/open-documents.ts';

describe('a document without a language', () => {
  for (const [firstLine, language] of Object.entries({
    '#!/bin/bash': 'shellscript',
    '#!/usr/bin/env python3': 'python',
    '#!/usr/bin/env -S node --no-warnings': 'javascript',
    '#!/usr/bin/ruby -w': 'ruby',
  }))
    it(`is known by its first line: ${firstLine}`, () => {
      for (const languageId of [undefined, null, '', 'plaintext']) {
        const documents = new OpenDocuments();
        documents.open({ uri: 'untitled:deploy', languageId, version: 1, text: `${firstLine}\nx\n` });
        assert.equal(documents.last?.languageId, language);
      }
    });
});

describe('a cell of a notebook', () => {
  it('stands beside the others in its language, the one that was changed last at the end', () => {
    const documents = new OpenDocuments();
    const cell = (name: string, languageId = 'python', notebook = 'n') => {
      const uri = `vscode-notebook-cell:/project/${notebook}.ipynb#${name}sZmlsZQ%3D%3D`;
      documents.open({ uri, languageId, version: 1, text: `${name}\n` });
      return uri;
    };
    const [first, second] = [cell('W0'), cell('W1')];
    cell('W2', 'markdown');
    cell('W0', 'python', 'other');
    documents.open({ uri: 'file:///project/a.py', languageId: 'python', version: 1, text: 'a\n' });
    const third = cell('W3');
    documents.change(first, 2, [{ text: 'changed\n' }]);
    const beside = (uri: string) => documents.cellsBeside(uri).map((document) => document.uri);
    assert.deepEqual(beside(second), [third, first]);
    assert.deepEqual(beside('file:///project/a.py'), []);
  });
});
