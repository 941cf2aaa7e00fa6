import ms from 'ms';
import { z } from 'zod';

const FORM = 'a duration such as `10 seconds`, `5 minutes` or `7 days`';

/** A hundred years, in milliseconds: beyond that, dates run out of digits. */
const LONGEST = 36_525 * 24 * 60 * 60_000;

/** @returns whole milliseconds, from 1 to a hundred years; `undefined` where `text` is no such duration with a unit */
export function parseDuration(text: string): number | undefined {
  if (!/^\s*\d+(\.\d+)?\s*[a-z]+\s*$/i.test(text)) return undefined;
  // Not a number, whatever its types say, where the unit is unknown.
  const duration = Math.round(ms(text.trim() as ms.StringValue));
  return duration >= 1 && duration <= LONGEST ? duration : undefined;
}

/** A duration in the configuration, read into milliseconds. */
export const duration = z.string({ error: `expected ${FORM}` }).transform((text, context) => {
  const parsed = parseDuration(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: `expected ${FORM}` });
  return z.NEVER;
});
