import { CHOICES, isAccountName, isChoice } from '../../src/domain/orders';

describe('the name of the person who gives an order', () => {
  it.each(['jane', 'jane.doe@example.com', 'svc_archive-1+eu', 'A', '0', 'x'.repeat(64)])(
    'may be %j',
    (name) => {
      expect(isAccountName(name)).toBe(true);
    },
  );

  it.each(['', 'Jane Doe', 'jane\n', 'x'.repeat(65), 'DOMAIN\\jane', 'jané', '<b>', 7, null, undefined])(
    'may not be %j, because it is kept permanently and must be an account',
    (name) => {
      expect(isAccountName(name)).toBe(false);
    },
  );
});

describe('a choice', () => {
  it.each(CHOICES)('may be %s', (choice) => {
    expect(isChoice(choice)).toBe(true);
  });

  it.each(['Retry', 'abandon', '', 'toString', undefined])('may not be %p', (choice) => {
    expect(isChoice(choice)).toBe(false);
  });
});
