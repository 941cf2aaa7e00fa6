export { startSimulator, type Simulator, type SimulatorOptions } from './simulator';
export { SimulatorClient, SimulatorRefusal, type ArchiveState, type CreatedArchive } from './control/client';
export type { ArchivesSpec, NotifySpec, StatusSpec } from './control/specs';
export { archiveZip, fingerprint, MINIMUM_SIZE_BYTES } from './content/archive-zip';
export type { DeliveryOutcome } from './deliveries/announcer';
export { faultRule, type FaultName, type FaultRule } from './faults/rules';
export { JOURNAL_CAPACITY, type JournalFilter } from './journal';
export type { DeliveryEntry, JournalEntry, RequestEntry, StatusCause, StatusEntry } from './journal';
