import ms from 'ms';
import { z } from 'zod';

/** A hundred years, in milliseconds: beyond that, dates run out of digits. */
const LONGEST = 36_525 * 24 * 60 * 60_000;

/** @returns whole milliseconds, from 1 to a hundred years; `undefined` if `text` is no such duration with a unit */
export function parseDuration(text: string): number | undefined {
  if (!/^\s*\d+(\.\d+)?\s*[a-z]+\s*$/i.test(text)) return undefined;
  // NaN, whatever its types say, if the unit is unknown.
  const duration = Math.round(ms(text.trim() as ms.StringValue));
  return duration >= 1 && duration <= LONGEST ? duration : undefined;
}

const UNITS = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const;

/** @returns bytes, from `1048576`, `64k`, `256 MiB` or `8GiB`: units are binary; `undefined` if `text` is no such size */
export function parseSize(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(digits) * UNITS[(unit ?? '').toLowerCase() as keyof typeof UNITS];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A duration in the configuration, parsed to milliseconds. */
export const duration = read(
  (text) => parseDuration(text),
  'expected a duration such as `10 seconds`, `5 minutes` or `7 days`',
);

/** A size in the configuration, parsed to bytes. */
export const size = read((text) => {
  const bytes = parseSize(text);
  return bytes === 0 ? undefined : bytes;
}, 'expected a size such as `512 MiB`, `20 GiB` or `1 TiB`');

/** A text that `parse` turns into a value. @param error the message if it is no text, or `parse` returns `undefined` */
export function read<Value>(parse: (text: string) => Value | undefined, error: string) {
  return z.string({ error }).transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
}
