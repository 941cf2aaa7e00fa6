import type { Socket } from 'node:net';
import { Client, type buildConnector } from 'undici';
import { withoutBrackets } from '../config/web-address';
import { ArchivistError } from '../domain/failures';
import { breakdown, refusal } from './ask';

/** One abandon on a connection of its own, which is open already and is never opened again. */
export interface AbandonRequest {
  /**
   * Sends the request, once and without retries. `mayBeSent` is called in the line before the write. Never rejects:
   * the answer says what cannot be known.
   */
  send(mayBeSent: () => boolean): Promise<AbandonAnswer>;
  /** Closes the connection, whatever is in flight. A second call does nothing. */
  close(): void;
}

export type AbandonAnswer =
  /** No byte was written: the request can have no effect. */
  | { readonly outcome: 'unsent' }
  /** The platform refused it (4xx, but not 408 or 499): it can have no effect any more. */
  | { readonly outcome: 'refused'; readonly failure: ArchivistError }
  /** Anything else, also success: only the record shows whether it had an effect. `retryAfterMs` if the platform asks to wait. */
  | { readonly outcome: 'open'; readonly retryAfterMs?: number };

export interface AbandonTarget {
  /** Names what is asked for, as in "the abandon of archive a1 of acme". */
  readonly what: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds without an answer before the connection is closed. */
  readonly stalledAfterMs: number;
  /** Opens the connection. */
  readonly connector: buildConnector.connector;
}

/** Request timeout, and client closed request: a proxy may answer so while the platform still works on the request. */
const UNDECIDED = [408, 499];

/** @throws ArchivistError `PlatformUnavailable` if no connection can be opened */
export async function openAbandon(target: AbandonTarget, signal: AbortSignal): Promise<AbandonRequest> {
  const { url, headers, stalledAfterMs } = target;
  const socket = await connect(target, signal);
  let isTaken = false;
  const client = new Client(url.origin, {
    headersTimeout: stalledAfterMs,
    bodyTimeout: stalledAfterMs,
    connect: (_, callback) => {
      const isFirst = !isTaken;
      isTaken = true;
      // Not synchronously: undici would not notice that it may send.
      queueMicrotask(() => {
        if (isFirst) callback(null, socket);
        else callback(new Error('The connection of an abandon is not opened again.'), null);
      });
    },
  });
  return {
    send: (mayBeSent) =>
      new Promise((resolve) => {
        let isSent = false;
        client.dispatch(
          { method: 'POST', path: `${url.pathname}${url.search}`, headers },
          {
            // Runs last before the request is written to the socket.
            onRequestStart(controller) {
              if (isSent || !mayBeSent())
                controller.abort(new Error('The abandon must not be sent any more.'));
              else isSent = true;
            },
            onResponseStart(_, statusCode, answered) {
              if (statusCode >= 200) resolve(answerOf(target, statusCode, answered));
            },
            onResponseData: () => undefined,
            onResponseEnd: () => undefined,
            onResponseError: () => resolve({ outcome: isSent ? 'open' : 'unsent' }),
          },
        );
      }),
    close() {
      socket.destroy();
      client.destroy().catch(() => undefined);
    },
  };
}

async function connect({ what, url, connector }: AbandonTarget, signal: AbortSignal): Promise<Socket> {
  const { host, hostname, protocol, port } = url;
  signal.throwIfAborted();
  const target = { host, hostname: withoutBrackets(hostname), protocol, port };
  return await new Promise<Socket>((resolve, reject) => {
    connector(target, (error, socket) => {
      if (socket !== null) resolve(socket);
      else reject(breakdown(what, error));
    });
  });
}

function answerOf(
  { what }: AbandonTarget,
  statusCode: number,
  headers: Parameters<typeof refusal>[1]['headers'],
): AbandonAnswer {
  const refused = refusal(what, { statusCode, headers, elsewhere: false });
  const { type, retryAfterMs } = refused;
  if (statusCode < 400 || statusCode > 499 || UNDECIDED.includes(statusCode))
    return { outcome: 'open', ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (type === 'CredentialsRejected') return { outcome: 'refused', failure: refused };
  const message = `The platform refused ${what} (${statusCode}).`;
  return { outcome: 'refused', failure: new ArchivistError('AbandonUnconfirmed', message, retryAfterMs) };
}
