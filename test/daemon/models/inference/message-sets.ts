// Sixty conversations that templates and tokenizers get wrong most easily.
import type { InferenceMessage } from '../../../../daemon/models/inference/inference.ts';

const contents = [
  'hi',
  '',
  '  spaces around, and an empty line\n\n',
  '\n\nlines before',
  'Grüße, 你好, שלום, 👩‍💻 and e\u0301',
  'const a = `$b`;\n\tif (a < 1 && "x" != \'y\') { return {{ a }}; } // {% raw %}',
  '<b>not special</b> [INST] <|user|> </s >',
  'a\\nb "quoted" \\u0041',
  'long '.repeat(500),
  '1\r\n2\r\n',
];
export const user = (content: string): InferenceMessage => ({ role: 'user', content });
export const assistant = (content: string): InferenceMessage => ({ role: 'assistant', content });
export const system = (content: string): InferenceMessage => ({ role: 'system', content });
export const messageSets: readonly (readonly InferenceMessage[])[] = contents.flatMap((content) => [
  [user(content)],
  [system('Be brief.'), user(content)],
  [system(content), user('Explain.')],
  [user('First.'), assistant(content), user('Second.')],
  [system('Be brief.'), user('First.'), assistant('<think>\nHm.\n</think>\nOne.'), user(content)],
  [user(content), assistant('One.'), user(content), assistant('Two.'), user('Third.')],
]);
