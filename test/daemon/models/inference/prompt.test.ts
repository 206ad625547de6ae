// The tokens of a prompt are those of the text that the model's template makes, for templates of many families; and what in a message
// looks like a token of the template is text.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { LlamaModel, Token } from 'node-llama-cpp';
import type { InferenceMessage } from '../../../../daemon/models/inference/inference.ts';
import type { LoadedModel } from '../../../../daemon/models/inference/models.ts';
import { loadNative, type Native, newChatTemplate } from '../../../../daemon/models/inference/native.ts';
import { renderPrompt } from '../../../../daemon/models/inference/prompt.ts';
import { writeRandomModel } from '../../../fakes/gguf.ts';
import { assistant, messageSets, system, user } from './message-sets.ts';

type Messages = readonly InferenceMessage[];

interface Family {
  template: string;
  /** What the template says, written once more in code. */
  text(messages: Messages): string;
  /** What stands before an answer that goes on. */
  goesOn?: string;
}

const turns = (messages: Messages, toText: (message: InferenceMessage, i: number) => string): string =>
  messages.map(toText).join('');
const families: Readonly<Record<string, Family>> = {
  ChatML: {
    template:
      "{% for m in messages %}{{'<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n'}}{% endfor %}{% if add_generation_prompt %}{{'<|im_start|>assistant\\n'}}{% endif %}",
    text: (messages) =>
      `${turns(messages, ({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`)}<|im_start|>assistant\n`,
  },
  'a default system message': {
    template:
      "{% if messages[0].role != 'system' %}{{'<|im_start|>system\\nYou are helpful.<|im_end|>\\n'}}{% endif %}{% for m in messages %}{{'<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n'}}{% endfor %}{% if add_generation_prompt %}{{'<|im_start|>assistant\\n'}}{% if enable_thinking is defined and not enable_thinking %}{{'<think>\\n\\n</think>\\n\\n'}}{% endif %}{% endif %}",
    text: (messages) =>
      `${messages[0]?.role === 'system' ? '' : '<|im_start|>system\nYou are helpful.<|im_end|>\n'}${turns(messages, ({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`)}<|im_start|>assistant\n<think>\n\n</think>\n\n`,
  },
  'headers, and trimmed messages': {
    template:
      "{{ bos_token }}{% for m in messages %}{{'<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' + m['content'] | trim + '<|eot_id|>'}}{% endfor %}{% if add_generation_prompt %}{{'<|start_header_id|>assistant<|end_header_id|>\\n\\n'}}{% endif %}",
    text: (messages) =>
      `<s>${turns(messages, ({ role, content }) => `<|start_header_id|>${role}<|end_header_id|>\n\n${content.trim()}<|eot_id|>`)}<|start_header_id|>assistant<|end_header_id|>\n\n`,
  },
  'instructions in brackets, which take turns': {
    template:
      "{{ bos_token }}{% if messages[0].role == 'system' %}{% set s = messages[0].content + '\\n\\n' %}{% set rest = messages[1:] %}{% else %}{% set s = '' %}{% set rest = messages %}{% endif %}{% for m in rest %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must take turns') }}{% endif %}{% if m.role == 'user' %}{{ '[INST] ' + (s if loop.first else '') + m.content + ' [/INST]' }}{% else %}{{ ' ' + m.content + eos_token }}{% endif %}{% endfor %}",
    text: (messages) => {
      const system = messages[0]?.role === 'system' ? messages[0].content : undefined;
      const rest = system === undefined ? messages : messages.slice(1);
      const start = system === undefined ? '' : `${system}\n\n`;
      return `<s>${turns(rest, ({ role, content }, i) => (role === 'user' ? `[INST] ${i === 0 ? start : ''}${content} [/INST]` : ` ${content}<|im_end|>`))}`;
    },
  },
  'no system message, and trimmed turns': {
    template:
      "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}{% if m.role == 'assistant' %}{% set role = 'model' %}{% else %}{% set role = m.role %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + m.content | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}",
    text: (messages) => {
      const [first, second] = messages;
      const joined =
        first?.role === 'system' && second
          ? [{ role: 'user', content: `${first.content}\n\n${second.content}` } as const, ...messages.slice(2)]
          : messages;
      return `<s>${turns(joined, ({ role, content }) => `<start_of_turn>${role === 'assistant' ? 'model' : role}\n${content.trim()}<end_of_turn>\n`)}<start_of_turn>model\n`;
    },
  },
  'a thought that the template begins, and ends where the answer has begun': {
    template:
      "{% for m in messages %}{{'<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n'}}{% endfor %}{% if add_generation_prompt %}{{'<|im_start|>assistant\\n<think>\\n'}}{% endif %}",
    text: (messages) =>
      `${turns(messages, ({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`)}<|im_start|>assistant\n<think>\n`,
    goesOn: '\n</think>\n\n',
  },
  'tags of roles': {
    template:
      "{% for m in messages %}{{'<|' + m.role + '|>\\n' + m.content + '<|end|>\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}",
    text: (messages) => `${turns(messages, ({ role, content }) => `<|${role}|>\n${content}<|end|>\n`)}<|assistant|>\n`,
  },
  'thoughts cut out of the history': {
    template:
      "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}{% elif m.role == 'user' %}{{ '<|User|>' + m.content }}{% else %}{{ '<|Assistant|>' + m.content.split('</think>')[-1] + eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{'<|Assistant|>'}}{% endif %}",
    text: (messages) =>
      `<s>${turns(messages, ({ role, content }) => {
        if (role === 'system') return content;
        return role === 'user' ? `<|User|>${content}` : `<|Assistant|>${content.split('</think>').at(-1)}<|im_end|>`;
      })}<|Assistant|>`,
  },
};

describe('a prompt', () => {
  let folder: string;
  let native: Native;
  let model: LlamaModel;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-prompt-'));
    writeRandomModel(join(folder, 'random.gguf'));
    native = await loadNative();
    model = await native.llama.loadModel({ modelPath: join(folder, 'random.gguf') });
  });
  after(async () => {
    await model.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const render = ({ template }: Family, messages: Messages): Token[] => {
    const chatTemplate = newChatTemplate(native, template);
    const info = { path: 'random.gguf', embeddingOnly: false };
    return renderPrompt({ native, model, info, chatTemplate } as unknown as LoadedModel, messages).tokens;
  };
  /** As llama.cpp's server makes them of a text. */
  const tokensOf = (text: string): Token[] => {
    const tokens = model.tokenize(text, true);
    const { bos } = model.tokens;
    return bos === null || tokens[0] === bos ? tokens : [bos, ...tokens];
  };

  for (const [name, family] of Object.entries(families)) {
    it(`is what the template says, with ${name}`, () => {
      assert.equal(messageSets.length, 60);
      for (const messages of messageSets)
        assert.deepEqual(render(family, messages), tokensOf(family.text(messages)), JSON.stringify(messages));
    });

    it(`goes on from the last message of the assistant, with ${name}`, () => {
      for (const begun of ['The answer', ' is', '', 'two\n\n', '1. One\n2.'])
        assert.deepEqual(
          render(family, [user('Count.'), assistant(begun)]),
          tokensOf(family.text([user('Count.')]) + (begun && (family.goesOn ?? '')) + begun),
        );
    });

    it(`holds no special token of a message, with ${name}`, () => {
      const count = (messages: Messages): number =>
        render(family, messages).filter((token) => model.isSpecialToken(token)).length;
      for (const content of ['<|im_end|>', 'a<s>b</s>', '<|im_<|im_end|>end|>', '<unk> <|im_end|><|im_end|>'])
        for (const set of [
          (text: string) => [user(text)],
          (text: string) => [system(text), user(text), assistant(text)],
        ])
          assert.equal(count(set(content)), count(set('plain')), content);
    });
  }

  it('keeps two messages of the same role apart where the template can', () => {
    const { template, text } = families['ChatML'] ?? assert.fail();
    const messages = [user('One.'), user('Two.')];
    assert.deepEqual(render({ template, text }, messages), tokensOf(text(messages)));
  });

  it('joins two messages of the same role where the template wants them to take turns', () => {
    const family = families['instructions in brackets, which take turns'] ?? assert.fail();
    assert.deepEqual(render(family, [user('One.'), user('Two.')]), tokensOf(family.text([user('One.\n\nTwo.')])));
  });

  it('is refused where the template leaves a message out', () => {
    const family = { template: '{{ messages[0].content }}', text: () => '' };
    assert.throws(() => render(family, [user('One.'), assistant('Two.'), user('Three.')]), /leaves messages out/);
  });
});
