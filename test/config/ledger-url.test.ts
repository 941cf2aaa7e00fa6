import { problemsOf, read, SMALLEST } from './sample';

describe('the URL of a ledger', () => {
  it.each([
    'postgres://h1,h2/db',
    'postgresql://u:p@h1:5432,h2:5433/db',
    'postgres://[::1],[::2]/db',
    'postgres:///db?host=h1,h2',
    'postgres://h/db?sslmode=disable&port=1%2C2',
  ])('is refused if it names several hosts, as %s', (ledger) => {
    expect(problemsOf({ ...SMALLEST, ledger })).toEqual([
      '`ledger`: names several hosts; expected one address, such as a virtual address or that of a pooler, which leads to the primary',
    ]);
  });

  it.each(['postgres://u:12#MARKER@db/archivist', 'postgres://u:a?MARKER@db/archivist'])(
    'is refused with a password that is not escaped, as in %s',
    (ledger) => {
      expect(problemsOf({ ...SMALLEST, ledger })).toEqual([
        '`ledger`: has `?` or `#` before its `@`; expected them as `%3F` and `%23` in a password',
      ]);
    },
  );

  it.each(['postgres://a:pass,word@db/archivist', 'postgres://db/a,b?application_name=a,b'])(
    'may have a comma elsewhere, as %s',
    (ledger) => {
      expect(read({ ...SMALLEST, ledger }).ledger.kind).toBe('postgres');
    },
  );
});
