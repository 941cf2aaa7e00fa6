import { connect } from 'node:net';

/** What came over a connection on which one request was sent, byte for byte. */
export interface Exchange {
  /** 0 where no status line came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** All that came behind the headers, whatever they say of it. */
  readonly body: Buffer;
  /** How it ended: closed in order, reset, or still open when it had been quiet for long, or when enough had come. */
  readonly ending: 'closed' | 'reset' | 'open';
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** After so many bytes nothing more is waited for. */
  readonly enough?: number;
}

const QUIET_MS = 2000;

/** Sends one request over a connection of its own, and takes what comes. */
export function exchange(
  url: string,
  { method = 'GET', headers = {}, enough = Infinity }: RawRequest = {},
): Promise<Exchange> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const lines = Object.entries({ host, connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const end = (ending: Exchange['ending']): void => {
      socket.destroy();
      resolve({ ...parsed(Buffer.concat(chunks)), ending });
    };
    socket.setTimeout(QUIET_MS, () => end('open'));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= enough) end('open');
    });
    socket.on('end', () => end('closed'));
    socket.on('error', () => end('reset'));
    socket.write(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`);
  });
}

function parsed(bytes: Buffer): Pick<Exchange, 'status' | 'headers' | 'body'> {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { status: 0, headers: {}, body: bytes };
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString().split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: bytes.subarray(end + 4),
  };
}
