import type { FailureType } from '../../src/domain/failures';
import type { ArchivesSpec } from '../../src/simulator';
import type { Answer, Passing, Rules } from './proxy';

/** One archive of a platform that answers with other people's data where it should not. */
export interface Hostile {
  readonly spec: ArchivesSpec;
  /** What the claim runs into. */
  readonly failure: FailureType;
  readonly answers?: Rules;
}

/** Every place where an answer could find its way into a message, each filled with `marker`. By archive id. */
export function hostileArchives(marker: string): Readonly<Record<string, Hostile>> {
  const json = { 'content-type': 'application/json' };
  const html = { 'content-type': 'text/html' };
  const page = `<html><body>${marker}</body></html>`;
  return {
    'no-json': onRecord('PlatformUnavailable', { statusCode: 200, headers: json, body: `"${marker}" {` }),
    'error-page': onRecord('PlatformUnavailable', { statusCode: 500, headers: html, body: page }),
    'page-as-success': onRecord('PlatformUnavailable', { statusCode: 200, headers: html, body: page }),
    refused: onRecord('CredentialsRejected', { statusCode: 403, headers: html, body: page }),
    redirect: onRecord('PlatformUnavailable', {
      statusCode: 302,
      headers: { location: `https://elsewhere.example/${encodeURIComponent(marker)}` },
      body: page,
    }),
    'odd-status': withRecord('NotYetAvailable', { status: marker }),
    'status-of-parts': withRecord('PlatformUnavailable', { status: { text: marker } }),
    'odd-conference': withRecord('RecordInvalid', { conferenceId: marker }),
    'no-conference': withRecord('RecordInvalid', { conferenceId: null, conference: marker }),
    'odd-checksum': withRecord('ChecksumMissing', { sha256CheckSum: marker }),
    'no-checksum': withRecord('ChecksumMissing', { sha256CheckSum: null, checksum: marker }),
    'wrong-checksum': withRecord('ChecksumMismatch', { sha256CheckSum: '0'.repeat(64), note: marker }),
    'another-archive': withRecord('RecordInvalid', { archiveId: marker }),
    failed: {
      failure: 'PlatformFailed',
      spec: { statuses: [{ status: 'FAILED', error: marker }], notify: { when: 'created' } },
    },
    'page-as-download': {
      failure: 'FileRefused',
      spec: {},
      answers: { onRequest: answering('download', { statusCode: 200, headers: html, body: page }) },
    },
    'abandon-refused': {
      failure: 'AbandonUnconfirmed',
      spec: {},
      answers: { onRequest: answering('abandon', { statusCode: 409, headers: html, body: page }) },
    },
    'abandon-without-effect': {
      failure: 'AbandonUnconfirmed',
      spec: {},
      answers: { onRequest: answering('abandon', { statusCode: 200, headers: html, body: page }) },
    },
    'odd-status-after-abandon': { failure: 'AbandonUnconfirmed', spec: {}, answers: oddAfterAbandon(marker) },
  };
}

function withRecord(failure: FailureType, record: Readonly<Record<string, unknown>>): Hostile {
  return { failure, spec: { record } };
}

function onRecord(failure: FailureType, answer: Answer): Hostile {
  return { failure, spec: {}, answers: { onRequest: answering('record', answer) } };
}

function answering(endpoint: Passing['endpoint'], answer: Answer): NonNullable<Rules['onRequest']> {
  return (passing) => Promise.resolve(passing.endpoint === endpoint ? answer : undefined);
}

function oddAfterAbandon(marker: string): Rules {
  let wasAbandoned = false;
  return {
    onAnswer(passing, answer) {
      wasAbandoned ||= passing.endpoint === 'abandon';
      if (passing.endpoint !== 'record' || !wasAbandoned) return Promise.resolve(undefined);
      return Promise.resolve({ ...answer, body: answer.body.replace('"ABANDONED"', JSON.stringify(marker)) });
    },
  };
}
