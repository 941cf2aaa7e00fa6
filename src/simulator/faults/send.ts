import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as othersTurn, setTimeout as pause } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { slices, type ByteSource } from '../content/bytes';
import type { Answer } from './answers';

/** The pause between drops, unless one byte takes longer. */
const DROP_MS = 50;
/** The time in which a client reads what was sent: a reset takes away what is still unread, or looks like an end behind it. */
const READ_WITHIN_MS = 20;

/**
 * Sends an answer with all that is wrong with it. Every piece has left this process before the next is made, so that what is cut is cut
 * where it should be.
 * @param sent told of the bytes of the body as they go
 */
export async function send(
  response: ServerResponse,
  answer: Answer,
  sent: (bytes: number) => void,
): Promise<void> {
  response.on('error', () => undefined);
  if (answer.delayMs !== undefined) await pause(answer.delayMs, undefined, { ref: false });
  if (!answer.silent) {
    writeHead(response, answer);
    for await (const piece of piecesOf(answer)) {
      if (!(await isTaken(response, piece))) return;
      sent(piece.length);
    }
  }
  await end(response, answer);
}

function writeHead(response: ServerResponse, { statusCode, headers, ending }: Answer): void {
  const endsWithConnection = ending === 'close';
  if (endsWithConnection) response.removeHeader('transfer-encoding');
  response.writeHead(statusCode, endsWithConnection ? { ...headers, connection: 'close' } : headers);
  response.flushHeaders();
}

async function end(response: ServerResponse, { ending }: Answer): Promise<void> {
  const { socket } = response;
  switch (ending) {
    case undefined:
      response.end();
      return;
    case 'close':
      socket?.destroySoon();
      return;
    case 'reset':
      await pause(READ_WITHIN_MS, undefined, { ref: false });
      await othersTurn();
      socket?.resetAndDestroy();
      return;
    case 'stall':
      return;
  }
}

/** Whether the system took the bytes. `false` if the client has gone. */
async function isTaken(response: ServerResponse, piece: Buffer): Promise<boolean> {
  if (response.closed || response.destroyed) return false;
  return new Promise((resolve) => {
    const gone = () => resolve(false);
    response.once('close', gone);
    response.write(piece, (error) => {
      response.off('close', gone);
      resolve(!error);
    });
  });
}

function piecesOf({ body, bytesPerSecond, gzip }: Answer): AsyncIterable<Buffer> | Iterable<Buffer> {
  if (bytesPerSecond !== undefined) return drops(body, bytesPerSecond);
  const pieces = slices(body);
  return gzip ? Readable.from(pieces).pipe(createGzip({ level: 1 })) : pieces;
}

async function* drops(body: ByteSource, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const interval = Math.max(DROP_MS, 1000 / bytesPerSecond);
  for (const piece of slices(body, Math.max(1, Math.round((bytesPerSecond * interval) / 1000)))) {
    yield piece;
    await pause(interval, undefined, { ref: false });
  }
}
