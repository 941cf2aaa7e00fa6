import { buildZip } from '../store/build-zip';
import { faultOfZip } from './checker/zip';

const ZIP = buildZip(['recording.mp4', 'chat.json']);

it('the zip check accepts a correct zip', () => {
  expect(faultOfZip(ZIP)).toBeUndefined();
});

it.each<[string, Buffer]>([
  ['is a page', Buffer.from('<html>'.repeat(50))],
  ['is empty', Buffer.alloc(0)],
  ['has no entries', buildZip([])],
  ['was cut', ZIP.subarray(0, -10)],
  ['lost its beginning', ZIP.subarray(40)],
  ['has an entry with another CRC', withBytes(ZIP, ZIP.indexOf('PK\x01\x02', 'latin1') + 16, 1)],
])('the zip check finds the fault of a zip that %s', (_, zip) => {
  expect(faultOfZip(zip)).toEqual(expect.any(String));
});

function withBytes(zip: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(zip);
  changed.writeUInt32LE(value, at);
  return changed;
}
