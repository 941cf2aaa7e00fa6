/** What a gateway says it did with a notification. */
export const ACKNOWLEDGEMENT_STATUSES = ['accepted', 'duplicate', 'ignored'] as const;

export type AcknowledgementStatus = (typeof ACKNOWLEDGEMENT_STATUSES)[number];

const LONGEST_BODY = 4096;

/** Reads the field `status` from the body of an answer; `undefined` where there is none that a gateway would give. */
export async function acknowledgementStatus(
  body: AsyncIterable<Buffer>,
): Promise<AcknowledgementStatus | undefined> {
  try {
    const answer: unknown = JSON.parse(await beginningOf(body));
    const status = typeof answer === 'object' && answer && 'status' in answer ? answer.status : undefined;
    return ACKNOWLEDGEMENT_STATUSES.find((known) => known === status);
  } catch {
    return undefined;
  }
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LONGEST_BODY) break;
  }
  return Buffer.concat(chunks).toString();
}
