// `@codebase` through the whole product: the command line, the built daemon, its indexer, the shipped embedding model, search, and
// what reaches the model. The model's server writes down what it is sent.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { Project } from '../../daemon/code-index/kit.ts';
import { writeRankingModel } from '../../fakes/gguf.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import { Home } from '../home.ts';

const files: Record<string, string> = {
  'src/cart.ts':
    '/** Adds up what is in the cart, with the discount of its coupon. */\nexport function totalOf(cart: Cart): number {\n  return cart.items.reduce((sum, item) => sum + item.price, 0) * cart.coupon.factor;\n}\n',
  'src/mail.ts':
    '/** Sends the receipt. */\nexport function sendReceipt(address: string): void {\n  queue.push(address);\n}\n',
  '.gitignore': 'secret/\n',
  'secret/coupon.ts': 'export const couponOfCart = "discount";\n',
  '.env': 'CART_DISCOUNT=1\n',
};

describe('a question about the codebase', () => {
  it('is sent with the code that answers it, cites its place, and never what is ignored', async () => {
    await using model = await startOpenAiServer({ reply: { text: 'In `src/cart.ts:1-4`.' } });
    await using home = new Home({
      providers: { lab: { type: 'openai-compatible', baseUrl: model.url, models: ['scripted'] } },
    });
    using folder = new Project();
    const project = folder.root;
    for (const [path, text] of Object.entries(files)) folder.write(path, text);
    const ask = (text: string) => home.switchyard(['chat', text, '--json'], '', project);
    const { code, stdout, stderr } = await ask('@codebase where is the discount of the cart computed?');
    assert.equal(code, 0, stderr);
    const sent = JSON.stringify(model.chats[0]);
    assert.match(sent, /totalOf\(cart: Cart\)/);
    assert.match(sent, /src\/cart\.ts, lines 1-4/);
    assert.doesNotMatch(sent, /couponOfCart|CART_DISCOUNT/);

    const { chatId } = JSON.parse(stdout) as { chatId: string };
    const exported = JSON.parse(
      (await home.switchyard(['search', 'discount of the cart', '--in', 'code', '--json'], '', project)).stdout,
    ) as { hits: { kind: string; title: string; uri: string }[] };
    assert.deepEqual(
      exported.hits.slice(0, 1).map(({ kind, title, uri }) => [kind, title, uri]),
      [['code', 'totalOf', pathToFileURL(join(project, 'src/cart.ts')).href]],
    );
    assert.ok(chatId);

    const none = await ask('@file:../outside.ts @file:secret/coupon.ts @symbol:sendReceipt what is this?');
    assert.equal(none.code, 0, none.stderr);
    const second = JSON.stringify(model.chats[1]);
    assert.match(second, /queue\.push/);
    assert.doesNotMatch(second, /couponOfCart/);

    for (const alone of ['@codebase', '@diff  @file:src/cart.ts']) {
      const refused = await ask(alone);
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr + refused.stdout, /Add a question after @(?:codebase|diff)\./);
    }
    assert.equal(model.chats.length, 2, 'no model was asked about a mention alone');
  });

  it('is ordered by the configured reranker, and as it was found where that is missing', async () => {
    await using model = await startOpenAiServer({ reply: { text: 'There.' } });
    using folder = new Project();
    for (const [path, text] of Object.entries(files)) folder.write(path, text);
    folder.write('src/print.ts', '/** Prints the receipt. */\nexport function print(): void {}\n');
    folder.write('models/.gitkeep', '');
    const reranker = join(folder.root, 'models', 'ranking.gguf');
    writeRankingModel(reranker);
    const asked = async (name: string) => {
      await using home = new Home({
        providers: { lab: { type: 'openai-compatible', baseUrl: model.url, models: ['scripted'] } },
        localModels: [reranker],
        rerank: { model: `local/${name}` },
      });
      const { stderr } = await home.switchyard(['chat', '@codebase receipt'], '', folder.root);
      return stderr;
    };
    assert.doesNotMatch(await asked('ranking'), /couldn't rank|in time/);
    assert.match(await asked('other'), /couldn't rank the results.*There's no local model "local\/other"/);
    assert.equal(model.chats.length, 2);
    for (const chat of model.chats) assert.match(JSON.stringify(chat), /queue\.push/);
  });
});
