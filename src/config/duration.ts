import ms from 'ms';
import { z } from 'zod';

const FORM = 'a duration such as `10 seconds`, `5 minutes` or `7 days`';

/** @returns milliseconds, or `undefined` where `text` is no positive duration with a unit */
export function parseDuration(text: string): number | undefined {
  if (!/^\s*\d+(\.\d+)?\s*[a-z]+\s*$/i.test(text)) return undefined;
  const duration = ms(text.trim() as ms.StringValue) as number | undefined;
  return duration !== undefined && duration > 0 ? duration : undefined;
}

/** A duration in the configuration, read into milliseconds. */
export const duration = z.string({ error: `expected ${FORM}` }).transform((text, context) => {
  const parsed = parseDuration(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: `expected ${FORM}` });
  return z.NEVER;
});
