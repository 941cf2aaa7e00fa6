import type { IncomingHttpHeaders } from 'undici/types/header';
import { escaped } from './ask';

/** What a page says about the rest of its list. */
export interface NextPage {
  /** Where the next page is. */
  readonly address: string | undefined;
  /** There is a next page, but no usable address of it. */
  readonly isHidden: boolean;
  /** How many elements the whole list has. */
  readonly total: number | undefined;
  /** How many pages it has. */
  readonly pages: number | undefined;
}

/** Names that say that a list goes on, or how long it is; in lower case, letters only. */
const NEXT =
  /^(next|nextpage|nextlink|nexturl|nextpageurl|odatanextlink|nextcursor|nextpagetoken|nexttoken|hasmore|hasnext|hasnextpage)$/;
const TOTAL = /^(wp|pagination)?total(count|items|elements|results|records)?$/;
const PAGES = /^((wp|pagination)?totalpages|pagecount|lastpage)$/;
/** Deeper than any envelope. */
const MAX_DEPTH = 10;

/**
 * Finds out whether a list has a next page. The guide does not mention pages, but a platform may have them. A `Link` header with
 * `rel="next"` (RFC 8288) is followed, and so is an address in the envelope such as `next`, `nextPage`, `links.next` or
 * `_links.next.href`. A cursor, a token, a number or `hasMore` says that there is one, but not where; so does a header such as
 * `X-Next-Page`. If there are several totals, in the envelope or in headers such as `X-Total-Count`, the largest counts.
 * @param envelope the object around the list, or the list itself
 */
export function nextPage(headers: IncomingHttpHeaders, envelope: unknown): NextPage {
  const around = signsIn(envelope, MAX_DEPTH);
  const signs = [...around, ...signsOf(headers)];
  const address = linkIn(headers['link']) ?? around.filter(goesOn).map(addressIn).find(isAddress);
  const isHidden = address === undefined && signs.some(goesOn);
  return { address, isHidden, total: largest(TOTAL, signs), pages: largest(PAGES, signs) };
}

interface Sign {
  readonly name: string;
  readonly value: unknown;
}

function signsIn(value: unknown, depth: number): Sign[] {
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => [
    { name: plain(key), value: inner },
    ...signsIn(inner, depth - 1),
  ]);
}

function signsOf(headers: IncomingHttpHeaders): Sign[] {
  return Object.entries(headers).flatMap(([key, values]) =>
    [values ?? []].flat().map((value) => ({ name: plain(key.replace(/^x-/i, '')), value: value.trim() })),
  );
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '');
}

/** Values that mean "no": the last page has these. */
const ABSENT: readonly unknown[] = [null, undefined, false, '', 0, '0', 'false', 'null'];

function goesOn({ name, value }: Sign): boolean {
  return NEXT.test(name) && !ABSENT.includes(value);
}

function largest(names: RegExp, signs: readonly Sign[]): number | undefined {
  const numbers = signs.filter(({ name }) => names.test(name)).flatMap(({ value }) => numberIn(value));
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

function numberIn(value: unknown): number | readonly [] {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : [];
}

function addressIn({ value }: Sign): unknown {
  return typeof value === 'object' && value !== null && 'href' in value ? value.href : value;
}

/** A URL, a path or a query, but not a cursor. */
function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^(https?:\/\/|\/|\?)/i.test(value);
}

function linkIn(header: string | string[] | undefined): string | undefined {
  for (const [, address, parameters = ''] of [header ?? []]
    .flat()
    .join(',')
    .matchAll(/<([^<>]*)>([^<>]*)/g))
    if (/;\s*rel\s*=\s*("([^"]*\s)?next(\s[^"]*)?"|next\s*(;|,|$))/i.test(parameters))
      return escaped(address ?? '');
  return undefined;
}
