import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** An https URL without a trailing slash; http for loopback hosts only, so that no key or notification travels unencrypted. */
export const webAddress = z.string({ error: 'expected an https URL' }).transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const message = problemOf(url);
  if (url !== undefined && message === undefined) return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  context.addIssue({ code: 'custom', message: message ?? 'expected an https URL' });
  return z.NEVER;
});

function problemOf(url: URL | undefined): string | undefined {
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return 'expected an https URL';
  if ([url.username, url.password, url.search, url.hash].some((part) => part !== ''))
    return 'expected an https URL without credentials, query or fragment';
  return url.protocol === 'http:' && !isLoopback(url.hostname)
    ? 'expected https; http is taken for loopback hosts only'
    : undefined;
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Removes the brackets that an IPv6 address has in a URL, and nowhere else. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** An address or a CIDR range. */
export const cidr = z
  .string()
  .refine(isCidr, { error: 'expected an IP address or a CIDR range such as `192.0.2.0/24`' });

/** Checks whether an address is in one of the ranges. IPv4 addresses in IPv6 form count as IPv4. */
export function createAddressFilter(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

export function isCidr(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32));
}
