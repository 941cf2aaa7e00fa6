export { startSimulator, type Simulator, type SimulatorOptions } from './simulator';
export { SimulatorClient, SimulatorRefusal } from './client';
export type { ArchiveState, CreatedArchive, SimulatorControl } from './control-api/control';
export type { ArchivesSpec, NotifySpec, StatusSpec } from './control-api/specs';
export type { FaultName, FaultRule } from './faults/rules';
export type { DeliveryEntry, JournalEntry, RequestEntry, StatusCause, StatusEntry } from './journal/entries';
export { JOURNAL_CAPACITY, type JournalFilter } from './journal/journal';
export type { DeliveryOutcome } from './notifications/courier';
export { MINIMUM_SIZE_BYTES } from './content/archive-zip';
