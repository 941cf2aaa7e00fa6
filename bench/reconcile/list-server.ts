import { createServer, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { archiveIdOf, isAvailable } from './listed';

/** The program that is the platform: `/list/N` gives a list of N records, and whatever record is asked for is being made. */
const server = createServer(({ url = '/' }, response) => {
  answer(url, response).catch(() => response.destroy());
});
server.listen(Number(process.argv[2]), '127.0.0.1');

const AT_A_TIME = 200;

async function answer(url: string, response: ServerResponse): Promise<void> {
  const [, what, name = ''] = /^\/(list|record)\/([^/?]+)/.exec(url) ?? [];
  response.writeHead(what === undefined ? 404 : 200, { 'content-type': 'application/json' });
  if (what === 'list') await pipeline(Readable.from(listOf(Number(name))), response);
  else if (what === 'record') response.end(JSON.stringify({ archiveId: name, status: 'PROCESSING' }));
  else response.end();
}

function* listOf(records: number): Generator<string> {
  yield '[';
  for (let from = 0; from < records; from += AT_A_TIME) {
    const some = Array.from({ length: Math.min(AT_A_TIME, records - from) }, (_, index) =>
      recordOf(from + index, records),
    );
    yield `${from === 0 ? '' : ','}${some.join()}`;
  }
  yield ']';
}

/** As long as the simulator's records are. */
function recordOf(index: number, records: number): string {
  const people = `{"name":"Erika Mustermann ${index}","email":"erika.mustermann.${index}@example.com"}`;
  const status = isAvailable(index, records) ? 'AVAILABLE' : 'EXPIRED';
  return `{"archiveId":"${archiveIdOf(index)}","conferenceId":"conference-${index}","status":"${status}","sha256CheckSum":"${'ab'.repeat(32)}","start":"2026-01-31T10:00:00.000Z","end":"2026-01-31T11:00:00.000Z","expert":${people},"participants":[${people},${people}]}`;
}
