import type { Dependencies } from '../dependencies';
import type { CallbackSettings } from './callback-address';

/** What the activities of subscriptions work with. */
export interface SubscriptionDependencies extends Pick<Dependencies, 'platformOf' | 'ledger'> {
  readonly callbacks: CallbackSettings;
}
