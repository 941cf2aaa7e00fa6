/** What a page says of the rest of its list. */
export interface NextPage {
  /** Where the next page is. */
  readonly address?: string;
  /** There is a next page, and nobody says where in a way that is understood. */
  readonly isHidden?: true;
  /** How many elements the whole list has. */
  readonly total?: number;
}

/** Names of what says that a list goes on, and of what says how long it is, without case and punctuation. */
const NEXT =
  /^(next|nextpage|nextlink|nexturl|nextpageurl|odatanextlink|nextcursor|nextpagetoken|nexttoken|hasmore|hasnext|hasnextpage)$/;
const TOTAL = /^total(count|items|elements|results|records)?$/;
/** Deeper than any list is wrapped. */
const MAX_DEPTH = 10;

/**
 * Finds out whether a list goes on. The guide knows of no pages: this is for a platform that has them all the same. Understood are a
 * `Link` header with `rel="next"` (RFC 8288) and, around the array, an address such as `next`, `nextPage`, `links.next` or
 * `_links.next.href`. A cursor, a token, a number or `hasMore` says that there is more, but not where.
 * @param envelope the object that the array is in, as JSON; may be empty
 * @throws SyntaxError where it is not JSON
 */
export function nextPage(linkHeader: string | string[] | undefined, envelope: string): NextPage {
  const found = envelope === '' ? [] : signsIn(JSON.parse(envelope), MAX_DEPTH);
  const total = found.find(({ name, value }) => TOTAL.test(name) && typeof value === 'number')?.value;
  const more = found.filter(({ name, value }) => NEXT.test(name) && !ABSENT.includes(value));
  const address = linkIn([linkHeader ?? []].flat().join(',')) ?? more.map(addressIn).find(isAddress);
  return {
    ...(typeof total === 'number' && { total }),
    ...(address !== undefined ? { address } : more.length > 0 && { isHidden: true }),
  };
}

interface Sign {
  readonly name: string;
  readonly value: unknown;
}

/** What stands for "no": a last page has these. */
const ABSENT: readonly unknown[] = [null, undefined, false, '', 0];

function signsIn(value: unknown, depth: number): Sign[] {
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => [
    { name: key.toLowerCase().replaceAll(/[^a-z]/g, ''), value: inner },
    ...signsIn(inner, depth - 1),
  ]);
}

function addressIn({ value }: Sign): unknown {
  return typeof value === 'object' && value !== null && 'href' in value ? value.href : value;
}

/** A URL, a path or a query; a cursor is none of them. */
function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^(https?:\/\/|\/|\?)/i.test(value);
}

function linkIn(header: string): string | undefined {
  for (const [, address, parameters = ''] of header.matchAll(/<([^<>]*)>([^<>]*)/g))
    if (/;\s*rel\s*=\s*("([^"]*\s)?next(\s[^"]*)?"|next\s*(;|,|$))/i.test(parameters)) return address;
  return undefined;
}
