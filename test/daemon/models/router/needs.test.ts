// What a request needs of a model, and how hard it is, read alike in English, Chinese and Japanese.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../../daemon/base/tokens.ts';
import { type Analysis, analyse } from '../../../../daemon/models/router/analyse.ts';
import type { RouteRequest } from '../../../../daemon/models/router/router.ts';
import { complexityPairs, freshComplexityPairs } from './labelled/complexity-pairs.ts';

const read = (request: RouteRequest): Analysis => analyse(request, { task: 'chat', countTokens: estimateTokens });

describe('the need for JSON', () => {
  const wishes = [
    'List the planets as JSON',
    'Return only valid JSON with the keys a and b',
    'reply in json, no prose',
    'Give me the result as a JSON array',
    'output should be JSON',
    'Respond with a JSON object that has name and age',
    'extract name and date from this text to json',
    'I want strict JSON back, nothing else',
    'Answer in the form {"ok": true}',
    'Antworte als JSON',
    '以 JSON 格式返回结果',
    '请用json输出',
    '结果用 JSON 表示，不要多余的文字',
    '只返回 JSON',
    '輸出成 JSON',
    '把结果整理成 JSON 给我',
    '请按以下 JSON 结构返回',
    '結果をJSON形式で返して',
    'JSONで出力してください',
    'JSONのみで回答して',
    '出力はJSONでお願いします',
    'JSON 形式で答えて',
    '次の文章から名前と日付を抜き出してJSONにして',
    'レスポンスは必ずJSONオブジェクトで',
    'JSON配列で一覧を返してください',
  ];
  for (const text of wishes)
    it(`is seen where the answer is to be JSON: ${text}`, () => assert.ok(read({ text }).needs.json));

  const others = [
    'Why does JSON.parse throw here?',
    'Write a JSON parser in Rust',
    'Explain JSON schema',
    'explain this JSON',
    'what is wrong with this json file',
    'convert this JSON to YAML',
    'the API returns JSON, how do I type it in TypeScript?',
    'our endpoint should return JSON instead of XML, change the handler',
    'package.json is missing a field',
    'how to pretty print json in bash',
    'Fix the error: Unexpected token < in JSON at position 0',
    'parse the json output of kubectl',
    '解释一下这个 JSON',
    '把 JSON 转成 YAML',
    '接口返回 JSON 报错怎么办',
    '怎么用 Go 解析 JSON',
    'JSON 和 XML 有什么区别',
    '给这个接口写个返回 JSON 的 handler',
    'このJSONを説明して',
    'JSONをパースするコードを書いて',
    'JSONとYAMLの違いは？',
    'APIがJSONを返さない',
    'JSONをCSVに変換するスクリプトを書いて',
    'JSONで保存する処理がエラーになる',
  ];
  for (const text of others)
    it(`is not seen where JSON is only the subject: ${text}`, () => assert.ok(!read({ text }).needs.json));
});

describe('the need for a model that sees', () => {
  it('comes from an attached image, whatever the language, and never from words alone', () => {
    for (const text of ['What is on this screenshot?', '看一下这张截图', 'このスクリーンショットを見て']) {
      assert.ok(read({ text, attachments: [{ kind: 'image' }] }).needs.vision, text);
      assert.ok(!read({ text }).needs.vision, text);
    }
  });
});

describe('the need for tools', () => {
  it('is what the caller offers, and never words alone', () => {
    for (const text of ['Run the tests and use the tools', '运行测试，可以用工具', 'ツールを使ってテストを実行して']) {
      assert.ok(read({ text, needs: { tools: true } }).needs.tools, text);
      assert.ok(!read({ text }).needs.tools, text);
    }
  });
});

describe('the need for a long context', () => {
  it('grows with a text of any language, and is never below its tokens', async () => {
    const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    for (const sentence of [
      'The service keeps growing in memory after the upgrade; please find out why. ',
      '我们的服务在升级之后内存一直在增长，请帮忙分析原因。',
      '這個模組的單元測試在升級之後全部失敗，請幫忙找出原因。',
      'アップデート後にサービスのメモリ使用量が増え続けています。',
    ]) {
      const text = sentence.repeat(200);
      const { contextTokens } = read({ text }).needs;
      assert.ok(contextTokens >= countTokens(text), sentence);
      assert.ok(contextTokens <= 2.5 * countTokens(text), sentence);
    }
  });

  it('is not read from words about length', () => {
    for (const text of ['Read the whole repository', '看完整个仓库', 'リポジトリ全体を読んで'])
      assert.ok(read({ text }).needs.contextTokens < 2000, text);
  });
});

describe('the complexity of a request', () => {
  for (const [easy, hard] of [...complexityPairs, ...freshComplexityPairs])
    it(`tells "${easy}" from "${hard}"`, () => {
      const [small, large] = [read({ text: easy }), read({ text: hard })];
      assert.ok(['trivial', 'simple'].includes(small.complexity), small.complexity);
      assert.ok(['moderate', 'complex', 'expert'].includes(large.complexity), large.complexity);
      assert.ok(large.difficulty - small.difficulty >= 0.2);
    });
});
