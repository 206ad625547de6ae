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
