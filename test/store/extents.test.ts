import fc from 'fast-check';
import { Extents, type Extent } from '../../src/store/filesystem/extents';

const LENGTH = 40;
const extent = fc.record({ from: fc.nat(LENGTH), to: fc.nat(LENGTH) });
const extents = fc.array(extent, { maxLength: 25 });

function filled(added: readonly Extent[]): Extents {
  const all = new Extents();
  for (const one of added) all.add(one);
  return all;
}

/** The same by the simplest way there is: one truth value for each byte. */
function bitmapOf(added: readonly Extent[]): readonly boolean[] {
  return Array.from({ length: LENGTH }, (_, at) => added.some(({ from, to }) => from <= at && at < to));
}

test('what was added is there, and nothing else, whatever the order', () => {
  fc.assert(
    fc.property(extents, (added) => {
      const bitmap = bitmapOf(added);
      const all = filled(added);
      expect(bitmapOf(all.all)).toEqual(bitmap);
      expect(all.bytes).toBe(bitmap.filter(Boolean).length);
      expect(all.end).toBe(bitmap.lastIndexOf(true) + 1);
      expect(all.prefix).toBe(bitmap.includes(false) ? bitmap.indexOf(false) : LENGTH);
    }),
    { numRuns: 1000 },
  );
});

test('extents are in order and do not touch, so that there are as few as can be', () => {
  fc.assert(
    fc.property(extents, (added) => {
      const { all } = filled(added);
      for (const { from, to } of all) expect(from).toBeLessThan(to);
      all.slice(1).forEach(({ from }, index) => expect(from).toBeGreaterThan(all[index]!.to));
    }),
    { numRuns: 1000 },
  );
});

test('the gaps are what is missing of a file of any length', () => {
  fc.assert(
    fc.property(extents, fc.nat(LENGTH), (added, length) => {
      const gaps = filled(added).gaps(length);
      const missing = bitmapOf(added).map((there, at) => !there && at < length);
      expect(bitmapOf(gaps)).toEqual(missing);
      for (const { from, to } of gaps) expect(from).toBeLessThan(to);
      gaps.slice(1).forEach(({ from }, index) => expect(from).toBeGreaterThan(gaps[index]!.to));
    }),
    { numRuns: 1000 },
  );
});

test('filling the gaps makes it whole', () => {
  fc.assert(
    fc.property(extents, (added) => {
      const all = filled(added);
      for (const gap of all.gaps(LENGTH)) all.add(gap);
      expect(all.all).toEqual([{ from: 0, to: LENGTH }]);
      expect(all.gaps(LENGTH)).toEqual([]);
    }),
  );
});

test('a file of unknown length has its end missing', () => {
  expect(filled([{ from: 0, to: 7 }]).gaps(Infinity)).toEqual([{ from: 7, to: Infinity }]);
  expect(filled([]).gaps(Infinity)).toEqual([{ from: 0, to: Infinity }]);
});

test('a copy does not change with what it was made from', () => {
  const all = filled([{ from: 0, to: 5 }]);
  const copy = all.copy();
  all.add({ from: 5, to: 9 });
  copy.add({ from: 20, to: 21 });
  expect(copy.all).toEqual([
    { from: 0, to: 5 },
    { from: 20, to: 21 },
  ]);
  expect(all.all).toEqual([{ from: 0, to: 9 }]);
});
