import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The program that serves a folder where nginx is not installed: whole files and single ranges. */
const [folder = '', port = ''] = process.argv.slice(2);

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(Number(port), '127.0.0.1');

async function answer({ url = '/', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = join(folder, new URL(url, 'http://127.0.0.1').pathname);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  const etag = `"${found.mtimeMs.toString(16)}-${found.size.toString(16)}"`;
  const wanted =
    headers['if-range'] === undefined || headers['if-range'] === etag ? headers.range : undefined;
  const range = rangeOf(wanted, found.size);
  const { start, end } = range ?? { start: 0, end: found.size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    etag,
    'content-type': url.startsWith('/records/') ? 'application/json' : 'application/zip',
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    ...(range !== undefined && { 'content-range': `bytes ${start}-${end}/${found.size}` }),
  });
  await pipeline(createReadStream(file, { start, end, highWaterMark: 1024 * 1024 }), response);
}

function rangeOf(header: string | undefined, size: number) {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || Number(first) >= size) return undefined;
  return { start: Number(first), end: last ? Math.min(Number(last), size - 1) : size - 1 };
}
