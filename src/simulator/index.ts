export { startSimulator, type Simulator } from './simulator';
export { SimulatorClient, type CreatedArchive } from './control/client';
export type { ArchivesSpec } from './control/specs';
export { archiveZip, fingerprint, MINIMUM_SIZE_BYTES } from './content/archive-zip';
export type { DeliveryOutcome } from './deliveries/announcer';
export { faultRule, type FaultName, type FaultRule } from './faults/rules';
export { JOURNAL_CAPACITY } from './journal';
export type { JournalEntry, RequestEntry, StatusEntry } from './journal';
