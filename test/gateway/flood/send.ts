import { exchange } from '../raw-http';
import { BYTES, CANARY, ID } from './parts';
import type { GeneratedRequest } from './requests';

/** What one request is about, and what must show nowhere of it. */
export interface Mark {
  readonly archiveId: string;
  readonly canary: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** All of it. */
  readonly text: string;
}

/** What comes before the answer where a request expects it. */
const GO_ON = 'HTTP/1.1 100 Continue\r\n\r\n';

/** Sends a request on a connection of its own, byte by byte as it was generated. */
export async function send(port: number, request: GeneratedRequest, mark: Mark): Promise<Answer> {
  const text = (await exchange(port, ...bytesOf(request, mark))).replace(GO_ON, '');
  const end = text.indexOf('\r\n\r\n');
  return { status: Number(text.split(' ')[1]), body: text.slice(end + 4), text };
}

function bytesOf(request: GeneratedRequest, mark: Mark): readonly Uint8Array[] {
  const { method, target, type, forwarded, headers, body, isChunked } = request;
  const payload = fill(body.text, body.bytes, mark, 'utf8');
  const lines = [
    `${method.text} ${target.text} HTTP/1.1`,
    'host: gateway.example.com',
    'connection: close',
    ...(type.text === '' ? [] : [`content-type: ${type.text}`]),
    ...(forwarded.text === '' ? [] : [`x-forwarded-for: ${forwarded.text}`]),
    ...headers.map(({ text }) => text),
    isChunked ? 'transfer-encoding: chunked' : `content-length: ${payload.length}`,
  ];
  const head = fill(`${lines.join('\r\n')}\r\n\r\n`, [], mark, 'latin1');
  return [head, ...(isChunked ? chunksOf(payload) : [payload])];
}

/** In two chunks, cut where it happens to be, and the end. */
function chunksOf(payload: Buffer): readonly Uint8Array[] {
  const cut = Math.floor(payload.length / 2);
  return [payload.subarray(0, cut), payload.subarray(cut)]
    .filter(({ length }) => length > 0)
    .flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')])
    .concat(Buffer.from('0\r\n\r\n'));
}

function fill(
  text: string,
  bytes: readonly number[],
  { archiveId, canary }: Mark,
  encoding: BufferEncoding,
): Buffer {
  const filled = text.replaceAll(ID, archiveId).replaceAll(CANARY, canary);
  const pieces = filled.split(BYTES).map((piece) => Buffer.from(piece, encoding));
  return Buffer.concat(
    pieces.flatMap((piece, index) => (index === 0 ? [piece] : [Buffer.from(bytes), piece])),
  );
}
