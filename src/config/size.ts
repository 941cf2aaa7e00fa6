import { z } from 'zod';

const UNITS = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const;
const FORM = 'a size such as `512 MiB`, `20 GiB` or `1 TiB`';

/** @returns bytes, from `1048576`, `64k`, `256 MiB` or `8GiB`: units are binary; `undefined` where `text` is no such size */
export function parseSize(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(digits) * UNITS[(unit ?? '').toLowerCase() as keyof typeof UNITS];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size in the configuration, read into bytes. */
export const size = z.string({ error: `expected ${FORM}` }).transform((text, context) => {
  const parsed = parseSize(text);
  if (parsed !== undefined && parsed > 0) return parsed;
  context.addIssue({ code: 'custom', message: `expected ${FORM}` });
  return z.NEVER;
});
