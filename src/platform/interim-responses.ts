import type { Socket } from 'node:net';

/** More than this is no interim response: undici reads it and refuses it. */
const HEAD_LIMIT_BYTES = 16 * 1024;
/** What every interim response but `101` begins with. */
const BEGINNING = /^HTTP\/1\.[01] 1(?!01)\d\d(?=[ \r\n])/;
const LONGEST_BEGINNING = 'HTTP/1.1 100 '.length;

/**
 * Takes each unrequested `100 Continue` out of what undici reads from a new connection, because undici ends a connection at one.
 * A client must go on (RFC 9110, section 15.2). undici writes a request at once, and writes the next one after it has read the
 * whole answer: what comes first after a write is the head of an answer.
 */
export function withoutContinue(socket: Socket): Socket {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  const write = socket.write.bind(socket) as (...parameters: unknown[]) => boolean;
  let awaitsAnswer = false;
  let held: Buffer = Buffer.alloc(0);
  return Object.assign(socket, {
    write(...parameters: unknown[]) {
      awaitsAnswer = true;
      return write(...parameters);
    },
    read(size?: number): Buffer | null {
      // Node.js itself calls `read(0)` to have more bytes fetched: it drops what is returned.
      if (size !== undefined) return read(size);
      for (let chunk = read(); chunk !== null; chunk = read()) {
        if (!awaitsAnswer) return chunk;
        const { passed, rest } = withoutInterim(Buffer.concat([held, chunk]));
        awaitsAnswer = rest !== undefined;
        held = rest ?? Buffer.alloc(0);
        if (passed.length > 0) return passed;
      }
      return null;
    },
  });
}

/** @returns what undici reads now; and what must be held until more of it comes, if the answer itself has not begun. */
function withoutInterim(received: Buffer): { readonly passed: Buffer; readonly rest?: Buffer } {
  const passed: Buffer[] = [];
  let rest = received;
  while (mayBeInterim(rest)) {
    const end = endOfHead(rest);
    if (end === undefined) return { passed: Buffer.concat(passed), rest };
    if (statusOf(rest) !== '100') passed.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return { passed: Buffer.concat([...passed, rest]) };
}

function mayBeInterim(head: Buffer): boolean {
  if (head.length > HEAD_LIMIT_BYTES) return false;
  const beginning = head.toString('latin1', 0, LONGEST_BEGINNING);
  // The missing bytes may still come.
  return BEGINNING.test(beginning + 'HTTP/1.1 100 '.slice(beginning.length));
}

function statusOf(head: Buffer): string {
  return head.toString('latin1', 'HTTP/1.1 '.length, 'HTTP/1.1 100'.length);
}

function endOfHead(head: Buffer): number | undefined {
  const end = /\r?\n\r?\n/.exec(head.toString('latin1'));
  return end ? end.index + end[0].length : undefined;
}
