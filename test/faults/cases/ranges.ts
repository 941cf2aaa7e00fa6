import type { FaultRule } from '../../../src/simulator';
import type { Overcome, Seen } from '../in-spite-of';

const MIB = 1024 * 1024;

/** So that the rest of the file is asked for. */
const BREAK: FaultRule = { fault: 'truncate', after: 3 * MIB, times: 1 };

/** What a server does, asked for the rest of a file. */
export const RANGES: Readonly<Record<string, Overcome>> = {
  'gives the whole': afterBreak({ fault: 'ignoreRange' }, ({ downloads }) => {
    expect(downloads).toMatchObject([{ fault: 'truncate' }, { statusCode: 200, range: { start: 0 } }]);
  }),
  'gives a part that begins elsewhere': startedOver({ fault: 'wrongContentRange', wrong: 'start' }),
  'gives a part that ends elsewhere': afterBreak({ fault: 'wrongContentRange', wrong: 'end' }),
  'gives a part of a longer file': startedOver({ fault: 'wrongContentRange', wrong: 'total' }),
  'gives a part in another unit': startedOver({ fault: 'wrongContentRange', wrong: 'unit' }),
  'gives a part and not which': startedOver({ fault: 'wrongContentRange', wrong: 'missing' }),
  'gives parts in an envelope': startedOver({ fault: 'multipartRange' }),
  'says that there is no more': startedOver({ fault: 'rangeNotSatisfiable' }),
  'says that the file is shorter': startedOver({ fault: 'rangeNotSatisfiable', total: MIB }),
  'has the file under a new ETag': afterBreak({ fault: 'newETag' }, expectWholeAtLast),
  'gives a part under a new ETag': startedOver({ fault: 'newETag', ignoreIfRange: true }),
  'gives a part of other bytes': startedOver({ fault: 'newETag', otherBytes: true, ignoreIfRange: true }),
  'gives a part under a weak ETag': startedOver({ fault: 'weakETag' }),
  'gives a part without an ETag': startedOver({ fault: 'noETag' }),
};

function afterBreak(fault: FaultRule, way?: Overcome['way']): Overcome {
  return {
    archive: { size: 4 * MIB, faults: [BREAK, { ...fault, times: 1 }] },
    failures: ['downloadArchive: TransferInterrupted'],
    ...(way && { way }),
  };
}

/** Nothing of the wrong answer is used: a third request is for the whole file. */
function startedOver(fault: FaultRule): Overcome {
  return afterBreak(fault, (seen) => {
    expect(seen.downloads.map((request) => request.fault)).toEqual(['truncate', fault.fault, undefined]);
    expectWholeAtLast(seen);
  });
}

function expectWholeAtLast({ downloads, sizeBytes }: Seen): void {
  expect(downloads.at(-1)).toMatchObject({ statusCode: 200, range: { start: 0, end: sizeBytes } });
}
