// Made-up prompts of two kinds: sums, which the weak model gets wrong, and capitals, which it gets right. A few answers are noise.
import { createRandom } from '../../../../../daemon/models/router/learn/random.ts';

export interface MadePrompt {
  subject: string;
  text: string;
  weak: number;
  strong: number;
}

const places = ['France', 'Peru', 'Kenya', 'Japan', 'Norway', 'Chile', 'Ghana', 'Laos'];
const noise = 0.15;

export function madePrompts(count: number, seed = 7): MadePrompt[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const sum = index % 2 === 0;
    const number = (): number => Math.floor(random() * 900) + 100;
    const text = sum
      ? `What is ${number()} + ${number()} * ${number()}?\nA. ${number()}\nB. ${number()}`
      : `Name the capital of "${places[Math.floor(random() * places.length)]}", please.\nA. one city\nB. another`;
    const right = random() >= noise;
    return {
      subject: `${sum ? 'sums' : 'capitals'} ${Math.floor(index / 2) % 4}`,
      text,
      weak: Number(sum !== right),
      strong: 1,
    };
  });
}

export function asCsv(prompts: readonly MadePrompt[]): string {
  return [
    'subject,prompt,weak_correct,strong_correct',
    ...prompts.map(({ subject, text, weak, strong }) => `${subject},"${text.replaceAll('"', '""')}",${weak},${strong}`),
    '',
  ].join('\n');
}
