// The arguments of a call, as its tool reads them: models write numbers as texts, and leave out or add what they like.
import type * as z from 'zod';
import { UserError } from '../../../base/errors.ts';

/** Throws UserError `wrong-arguments`, which names the field. */
export function argumentsOf<Shape extends z.ZodType>(schema: Shape, given: unknown, tool: string): z.output<Shape> {
  const read = schema.safeParse(given ?? {});
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  const words = issue?.message.replace(/^Invalid input: /, '').replace(/, received undefined$/, ', which is missing');
  throw new UserError('wrong-arguments', `${tool}: ${[where, words].filter(Boolean).join(': ')}.`);
}
