import fc from 'fast-check';
import {
  claimWorkflowId,
  InvalidIdError,
  isArchiveId,
  isConferenceId,
  isTenantId,
  parseArchiveId,
  parseConferenceId,
  parseTenantId,
} from '../../src/domain/ids';

const LETTERS_AND_DIGITS = Array.from('ABCXYZabcxyz0189');
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom('a', 'Z', '0', '.', '_', '-', '/', '\\', '%', ' ', '\n', '\0', 'é', ':'),
  }),
);

function identifier(maxLength: number, inner: string) {
  return fc
    .tuple(
      fc.constantFrom(...LETTERS_AND_DIGITS),
      fc.string({
        unit: fc.constantFrom(...LETTERS_AND_DIGITS, ...Array.from(inner)),
        maxLength: maxLength - 1,
      }),
    )
    .map(([first, rest]) => first + rest);
}

describe('an archive id', () => {
  it('has 1 to 128 letters, digits, dots, underscores and hyphens, and begins with a letter or digit', () => {
    fc.assert(fc.property(identifier(128, '._-'), (id) => isArchiveId(id) && parseArchiveId(id) === id));
    expect(isArchiveId('a'.repeat(128))).toBe(true);
  });

  it('never contains text that a path, a URL or a workflow id would interpret differently', () => {
    fc.assert(
      fc.property(text, (candidate) => {
        fc.pre(isArchiveId(candidate));
        expect(candidate).toMatch(/^[\x2d-\x7a]+$/);
        expect(candidate).not.toMatch(/[/\\:%?#&@\s]/);
        expect(candidate).not.toMatch(/^[.]/);
        expect(encodeURIComponent(candidate)).toBe(candidate);
      }),
      { numRuns: 500, maxSkipsPerRun: 1_000 },
    );
  });

  it.each([
    ['a slash', 'a/b'],
    ['a backslash', 'a\\b'],
    ['a leading dot', '.a'],
    ['a way up', '..'],
    ['a leading hyphen, which a command would take for an option', '-rf'],
    ['a leading underscore', '_a'],
    ['a colon', 'a:b'],
    ['a percent sign', 'a%2fb'],
    ['a space', 'a b'],
    ['a control character', 'a\u0007b'],
    ['a NUL', 'a\0'],
    ['a line break at its end', 'a\n'],
    ['a letter that is not ASCII', 'é'],
    ['a digit that is not ASCII', '٣'],
    ['a letter that only looks like ASCII', 'а'],
    ['129 characters', 'a'.repeat(129)],
    ['nothing', ''],
  ])('must not contain %s', (_, candidate) => {
    expect(isArchiveId(candidate)).toBe(false);
    expect(() => parseArchiveId(candidate)).toThrow(InvalidIdError);
  });

  it.each([[undefined], [null], [7], [['a']], [{ toString: () => 'a' }]])(
    'must be a string, not %p',
    (candidate) => {
      expect(isArchiveId(candidate)).toBe(false);
    },
  );

  it('does not appear in the error that rejects it', () => {
    expect(() => parseArchiveId('../marker')).not.toThrow('marker');
    expect(() => parseArchiveId('../marker')).toThrow('[A-Za-z0-9][A-Za-z0-9._-]{0,127}');
  });
});

describe('a conference id', () => {
  it('has the form of an archive id', () => {
    fc.assert(fc.property(text, (candidate) => isConferenceId(candidate) === isArchiveId(candidate)));
    fc.assert(fc.property(identifier(128, '._-'), (id) => parseConferenceId(id) === id));
    expect(() => parseConferenceId('a/b')).toThrow(InvalidIdError);
  });
});

describe('a tenant', () => {
  it('has 1 to 63 letters, digits, underscores and hyphens, and begins with a letter or digit', () => {
    fc.assert(fc.property(identifier(63, '_-'), (id) => isTenantId(id) && parseTenantId(id) === id));
  });

  it.each([
    ['a.b'],
    ['a/b'],
    ['a:b'],
    ['-a'],
    ['_a'],
    ['é'],
    ['a\n'],
    [''],
    ['a'.repeat(64)],
    [7],
    [undefined],
  ])('is not %p', (candidate) => {
    expect(isTenantId(candidate)).toBe(false);
    expect(() => parseTenantId(candidate)).toThrow(InvalidIdError);
  });
});

describe('the workflow id of a claim', () => {
  it('is stable, because people start claims by hand', () => {
    const key = { tenant: parseTenantId('mycompany'), archiveId: parseArchiveId('abc123') };
    expect(claimWorkflowId(key)).toBe('claim:mycompany:abc123');
  });

  it('differs for different archives and tenants', () => {
    const keys = fc.record({
      tenant: identifier(8, '_-').map(parseTenantId),
      archiveId: identifier(8, '._-').map(parseArchiveId),
    });
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        const isSame = one.tenant === other.tenant && one.archiveId === other.archiveId;
        expect(claimWorkflowId(one) === claimWorkflowId(other)).toBe(isSame);
      }),
    );
  });
});
