import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, 'recorded');

/** What a test reads in a history, of all that is in it. */
interface RecordedHistory {
  readonly events: readonly RecordedEvent[];
}

interface RecordedEvent {
  readonly workflowExecutionStartedEventAttributes?: {
    readonly workflowId: string;
    readonly originalExecutionRunId: string;
    readonly workflowType: { readonly name: string };
  };
  readonly workflowExecutionCompletedEventAttributes?: {
    readonly result: { readonly payloads: readonly [{ readonly data: string }] };
  };
  readonly workflowExecutionFailedEventAttributes?: {
    readonly failure: { readonly applicationFailureInfo: { readonly type: string } };
  };
  readonly workflowExecutionContinuedAsNewEventAttributes?: object;
  readonly workflowExecutionCanceledEventAttributes?: object;
}

/** The names of all recorded histories. */
export function recordedNames(): readonly string[] {
  return readdirSync(FOLDER)
    .map((file) => file.replace(/\.json$/, ''))
    .sort();
}

export function textOf(name: string): string {
  return readFileSync(join(FOLDER, `${name}.json`), 'utf8');
}

export function historyOf(text: string) {
  const history = JSON.parse(text) as RecordedHistory;
  const start = history.events[0]?.workflowExecutionStartedEventAttributes;
  if (start === undefined) throw new Error('The history has no start.');
  const { workflowId, originalExecutionRunId: runId, workflowType } = start;
  return { history, workflowId, runId, type: workflowType.name, end: endOf(history) };
}

/** How the workflow ended: the `state` or `outcome` of its result, the type of its failure, `cancelled` or `continuedAsNew`. */
function endOf({ events }: RecordedHistory): string {
  const last = events.at(-1) ?? {};
  if (last.workflowExecutionContinuedAsNewEventAttributes) return 'continuedAsNew';
  if (last.workflowExecutionCanceledEventAttributes) return 'cancelled';
  if (last.workflowExecutionFailedEventAttributes)
    return last.workflowExecutionFailedEventAttributes.failure.applicationFailureInfo.type;
  const payload = last.workflowExecutionCompletedEventAttributes?.result.payloads[0].data;
  if (payload === undefined) throw new Error('The workflow has not ended.');
  const result = JSON.parse(Buffer.from(payload, 'base64').toString()) as {
    readonly state?: string;
    readonly outcome?: string;
  };
  return result.state ?? result.outcome ?? 'completed';
}
