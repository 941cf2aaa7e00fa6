export { startSimulator, type Simulator, type SimulatorOptions } from './simulator';
export { SimulatorClient, type ArchiveState, type CreatedArchive } from './control/client';
export type { ArchivesSpec, JournalFilter, NotifySpec, StatusSpec } from './control/specs';
export { archiveZip, fingerprint, MINIMUM_SIZE_BYTES } from './content/archive-zip';
export type { DeliveryOutcome } from './deliveries/announcer';
export { faultRule, type FaultName, type FaultRule } from './faults/rules';
export { JOURNAL_CAPACITY } from './journal';
export type { DeliveryEntry, JournalEntry, RequestEntry, StatusCause, StatusEntry } from './journal';
