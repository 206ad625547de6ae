// The estimate of tokens against real vocabularies, within the errors that its docstring states.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { countTokens as cl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as o200k } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../daemon/base/tokens.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const samples: Record<string, string> = {
  prose: read('README.md'),
  licence: read('LICENSE'),
  code: read('daemon/server.ts') + read('daemon/code-index/code-index.ts'),
  json: read('package.json'),
  chinese: '服务器在启动时读取配置文件，如果找不到文件就使用默认值。请确保所有依赖项都已正确安装，然后重新运行测试。',
  japanese: 'この関数は入力された文字列を解析し、結果を返します。設定ファイルが見つからないときは既定値を使います。',
};

describe('the estimate of tokens', () => {
  for (const [kind, text] of Object.entries(samples))
    it(`is not too low for ${kind}, and at most twice as high`, () => {
      for (const count of [o200k, cl100k]) {
        const share = estimateTokens(text) / count(text);
        assert.ok(share >= 0.97 && share <= 2, `${share}`);
      }
    });

  it('is too low for what has no words, by half at most', () => {
    const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => ((i * 2654435761) >>> 13) & 255)).toString(
      'base64',
    );
    const share = estimateTokens(noise) / o200k(noise);
    assert.ok(share > 0.45 && share < 0.7, `${share}`);
  });
});
