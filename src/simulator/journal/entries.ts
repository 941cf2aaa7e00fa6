import type { FaultName } from '../faults/rules';
import type { AcknowledgementStatus } from '../notifications/acknowledgement';
import type { EndpointName } from '../platform-api/endpoints';

interface Numbered {
  /** Grows by one from entry to entry, also across a reset. */
  readonly seq: number;
  /** When the entry was written, ISO 8601. */
  readonly at: string;
}

/** A request to the platform's API that has ended, one way or the other. */
export interface RequestEntry {
  readonly kind: 'request';
  readonly endpoint: EndpointName | 'unknown';
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly archiveId?: string;
  readonly conferenceId?: string;
  readonly subscriptionId?: string;
  /** Absent where the client went away before there was an answer. */
  readonly statusCode?: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly ms: number;
  /** Bytes of the body that were handed to the connection. */
  readonly bytesSent: number;
  /** Of a file: the positions that the answer was to hold, from `start` to before `end`. The whole file unless the status is 206. */
  readonly range?: { readonly start: number; readonly end: number };
  /** The whole answer was handed to the connection before it closed. */
  readonly complete: boolean;
  /** The fault that struck. */
  readonly fault?: FaultName;
  /** `foreignFile` only: whether the client sent a header `api-key` to this other origin, which it must not. */
  readonly apiKeySent?: boolean;
  /** Abandon only: whether it changed the status of any archive. */
  readonly effect?: boolean;
  /** Abandon only: the archives whose status it changed. */
  readonly affected?: readonly string[];
}

/** One attempt to deliver a notification. */
export interface DeliveryEntry {
  readonly kind: 'delivery';
  readonly subscriptionId: string;
  /** The callback's URL without the last segment of its path, which is a secret, and without a query. */
  readonly url: string;
  /** As the notification has it. */
  readonly archiveId: string;
  /** 1 to 4. */
  readonly attempt: number;
  readonly statusCode?: number;
  /** `Timeout`, or the code or class of what went wrong. */
  readonly error?: string;
  readonly ms: number;
  /** 199 < status < 399 within 3 seconds. */
  readonly acknowledged: boolean;
  /** The field `status` of the answer, where it is one of a gateway's. */
  readonly answer?: AcknowledgementStatus;
}

/** Why a status changed. */
export type StatusCause = 'created' | 'course' | 'abandon' | 'expiry' | 'control';

/** A status that an archive took. */
export interface StatusEntry {
  readonly kind: 'status';
  readonly archiveId: string;
  readonly conferenceId: string;
  readonly status: string;
  /** Absent at its creation. */
  readonly previous?: string;
  readonly cause: StatusCause;
}

/** What a journal is told. */
export type JournalEvent = RequestEntry | DeliveryEntry | StatusEntry;

/** What a journal holds. */
export type JournalEntry = Numbered & JournalEvent;
