import { isIP } from 'node:net';
import { read } from './quantities';
import { indirect, Secret, type Source } from './secret';
import { createAddressFilter, isCidr, withoutBrackets } from './web-address';

/** An HTTP proxy that a tenant's connections go through, each in a tunnel (CONNECT). */
export interface Proxy {
  /** Such as `http://proxy.example:3128`, without user and password. */
  readonly origin: string;
  /** The header `proxy-authorization`, if the proxy requires a password. */
  readonly authorization: Secret | undefined;
  /** Hosts that are reached without it, as in NO_PROXY. */
  readonly except: readonly string[];
}

const EXPECTED =
  '`http://HOST:PORT` or `https://HOST:PORT`, with `USER:PASSWORD@` before the host if the proxy asks for them (special characters percent-encoded)';

/** A tenant's `proxy`: `none` ignores the environment. It may hold a password, so it may be given indirectly. */
export function proxy(source: Source) {
  const parse = (text: string) => (text === 'none' ? text : parseProxy(text, []));
  return indirect(source).pipe(read(parse, `expected \`none\`, ${EXPECTED}`));
}

/** As with curl, the lower-case name wins, and an empty variable means no proxy. */
const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];
const EXCEPT_VARIABLES = ['no_proxy', 'NO_PROXY'];
const LOOPBACK = ['localhost', '127.0.0.0/8', '::1'];

/**
 * The proxy for https in the environment; http is used on loopback only, which never goes through a proxy.
 * @returns the proxy, or a text that says what is wrong with the variable; `undefined` for no proxy
 */
export function proxyOfEnvironment({ env }: Source): Proxy | string | undefined {
  const name = PROXY_VARIABLES.find((variable) => env[variable] !== undefined) ?? '';
  const value = env[name]?.trim() ?? '';
  if (value === '') return undefined;
  const listed = EXCEPT_VARIABLES.map((variable) => env[variable]).find((list) => list !== undefined) ?? '';
  const except = [...listed.split(/[\s,]+/).filter((entry) => entry !== ''), ...LOOPBACK];
  const why = `the environment variable ${name} names no proxy that can be used`;
  return parseProxy(value, except) ?? `${why}; expected ${EXPECTED}, or \`proxy: none\` here to ignore it`;
}

function parseProxy(text: string, except: Proxy['except']): Proxy | undefined {
  const address = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(address)) return undefined;
  const { protocol, origin, pathname, search, hash, username, password } = new URL(address);
  if (!['http:', 'https:'].includes(protocol) || `${pathname}${search}${hash}` !== '/') return undefined;
  if (username === '') return { origin, authorization: undefined, except };
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const basic = `Basic ${Buffer.from(credentials).toString('base64')}`;
    return { origin, authorization: new Secret(basic), except };
  } catch {
    return undefined;
  }
}

/**
 * Whether a host is reached without the proxy. Entries are `*`, a name (and all names below it), an address or a CIDR range, each with
 * `:PORT` if they mean that port only. Ranges match addresses, never names: the proxy resolves those.
 */
export function isExempt({ except }: Proxy, host: string, port: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return except.some((entry) => {
    const [, before, onlyPort] = /^([^:]+|\[.+\]):(\d+)$/.exec(entry) ?? [];
    if (onlyPort !== undefined && onlyPort !== port) return false;
    const place = withoutBrackets((before ?? entry).toLowerCase());
    if (place === '*') return true;
    if (isCidr(place)) return isIP(name) !== 0 && createAddressFilter([place])(name);
    const domain = place.replace(/^\*?\./, '').replace(/\.$/, '');
    return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
  });
}
