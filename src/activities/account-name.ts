import { ArchivistError } from '../domain/failures';
import { EXPECTED_ACCOUNT_NAME, isAccountName } from '../domain/orders';

/** @throws {@link ArchivistError} `InvalidInput` unless `by` may be kept as who gave an order */
export function accountName(by: string): string {
  if (isAccountName(by)) return by;
  throw new ArchivistError('InvalidInput', `The activity was not given ${EXPECTED_ACCOUNT_NAME}.`);
}
