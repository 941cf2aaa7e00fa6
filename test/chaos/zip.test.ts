import { buildZip } from '../store/build-zip';
import { faultOfZip } from './checker/zip';

const ZIP = buildZip(['recording.mp4', 'chat.json']);

it('finds nothing wrong with a zip that is whole', () => {
  expect(faultOfZip(ZIP)).toBeUndefined();
});

it.each<[string, Buffer]>([
  ['is a page', Buffer.from('<html>'.repeat(50))],
  ['is empty', Buffer.alloc(0)],
  ['has no entries', buildZip([])],
  ['was cut', ZIP.subarray(0, -10)],
  ['lost its beginning', ZIP.subarray(40)],
  ['has an entry with another CRC', withBytes(ZIP, ZIP.indexOf('PK\x01\x02', 'latin1') + 16, 1)],
])('finds what is wrong with one that %s', (_, zip) => {
  expect(faultOfZip(zip)).toEqual(expect.any(String));
});

function withBytes(zip: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(zip);
  changed.writeUInt32LE(value, at);
  return changed;
}
