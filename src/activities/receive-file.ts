import type { Download, Part, Platform } from '../platform/platform';
import type { Gap, IncomingCopy } from '../store/archive-store';
import { interrupted, receivePart, type Receiving } from './receive-part';

/** A smaller part would be over before its connection is up to speed. */
const SMALLEST_PART_BYTES = 32 * 1024 * 1024;

/**
 * Brings all bytes that the copy lacks, beginning with what `first` brings; over several connections at once where the
 * server says that it serves this very file in parts.
 * @throws `TransferInterrupted`, also where the file changed on the way: the copy is discarded then
 */
export async function receiveFile(
  platform: Platform,
  receiving: Receiving,
  first: Download,
  connections: number,
): Promise<void> {
  const { totalBytes } = receiving.copy.source;
  if (totalBytes === undefined) await receivePart(receiving, first);
  else if (connections > 1 && first.inParts) await atOnce(platform, receiving, first, connections);
  else await inTurn(platform, receiving, first);
}

/** Why the connections end where one of them met another file. */
const ANOTHER = Symbol('another file');

async function inTurn(platform: Platform, receiving: Receiving, first: Download): Promise<void> {
  let download = first;
  for (;;) {
    await receivePart(receiving, download, nextGap(receiving)?.to);
    const gap = nextGap(receiving);
    if (gap === undefined) return;
    download = (await beginPart(platform, receiving, gap)) ?? (await giveUp(receiving));
  }
}

function nextGap({ copy }: Receiving): Gap | undefined {
  return copy.gaps(copy.source.totalBytes ?? 0)[0];
}

async function atOnce(
  platform: Platform,
  receiving: Receiving,
  first: Download,
  connections: number,
): Promise<void> {
  const failed = new AbortController();
  const together = { ...receiving, signal: AbortSignal.any([receiving.signal, failed.signal]) };
  const { copy } = receiving;
  const parts = [...divided(copy.gaps(copy.source.totalBytes ?? 0), connections)];
  const bringOne = async (part: Gap): Promise<void> => {
    const download = part.from === first.start ? first : await beginPart(platform, together, part);
    if (download === undefined) failed.abort(ANOTHER);
    else await receivePart(together, download, part.to);
  };
  const bring = async (): Promise<void> => {
    try {
      for (let part = parts.shift(); part !== undefined && !together.signal.aborted; part = parts.shift())
        await bringOne(part);
    } catch (error) {
      failed.abort(error);
    }
  };
  await Promise.all(Array.from({ length: connections }, bring));
  // Only now that nobody writes into it any more.
  if (failed.signal.reason === ANOTHER) await giveUp(receiving);
  together.signal.throwIfAborted();
  // A server may answer with less than was asked for.
  const gap = nextGap(receiving);
  if (gap === undefined) return;
  await inTurn(platform, receiving, (await beginPart(platform, receiving, gap)) ?? (await giveUp(receiving)));
}

/** The gaps in parts of one size, about as many as there are connections. */
function divided(gaps: readonly Gap[], connections: number): readonly Gap[] {
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  const size = Math.max(SMALLEST_PART_BYTES, Math.ceil(missing / connections));
  return gaps.flatMap(({ from, to }) =>
    Array.from({ length: Math.ceil((to - from) / size) }, (_, index) => ({
      from: from + index * size,
      to: Math.min(from + (index + 1) * size, to),
    })),
  );
}

/**
 * Asks for what fills a gap of a copy that began with other bytes of the same file.
 * @returns `undefined` where the file is another one by now, or is not served in parts
 */
async function beginPart(platform: Platform, receiving: Receiving, gap: Gap): Promise<Download | undefined> {
  const { copy, key, report, signal } = receiving;
  const download = await report.during(platform.download(key, partFor(copy, gap), signal));
  if (fits(copy, download, gap)) return download;
  download.body.on('error', () => undefined).destroy();
  return undefined;
}

async function giveUp(receiving: Receiving): Promise<never> {
  await receiving.copy.discard();
  throw interrupted(receiving, 'cannot go on: the file is another one now, or is not served in parts');
}

/** What to ask for, so that it fills a gap of the copy. */
export function partFor({ source: { validator, totalBytes } }: IncomingCopy, { from, to }: Gap): Part {
  return { from, validator, totalBytes, ...(to !== (totalBytes ?? Infinity) && { to }) };
}

/** Whether what comes belongs to the file that the copy is of. A whole file, where its beginning was asked for, may be another. */
export function fits({ source }: IncomingCopy, download: Download, gap: Gap): boolean {
  return (
    download.start === gap.from &&
    (source.validator === undefined || download.validator === source.validator) &&
    (source.totalBytes === undefined || download.totalBytes === source.totalBytes)
  );
}
