import { SourceProblem, type SourceProblemKind } from '@provisor/provisioning';

/** Result codes of RFC 4511 section 4.1.9 and appendix A, in words. */
const RESULT_CODES: Readonly<Record<number, readonly [SourceProblemKind, string]>> = {
  3: ['truncated', 'The directory stopped the search at its time limit, so that the answer is incomplete.'],
  4: ['truncated', 'The directory stopped the search at its size limit, so that the answer is incomplete.'],
  7: ['configuration', 'The directory does not accept a bind with name and password.'],
  8: ['configuration', 'The directory demands a stronger way to authenticate; use ldaps:// or startTls.'],
  10: ['configuration', 'The directory refers to another server for this base; name that server.'],
  11: ['truncated', 'The directory stopped the search at an administrative limit, so that the answer is incomplete.'],
  12: ['configuration', 'The directory does not offer paged results (RFC 2696).'],
  13: ['configuration', 'The directory demands an encrypted connection; use ldaps:// or startTls.'],
  34: ['configuration', 'The directory does not accept a name (DN): its syntax is wrong.'],
  48: ['configuration', 'The directory does not accept a bind with this name and password.'],
  49: ['configuration', 'The directory refused the name or the password of the bind.'],
  50: ['configuration', 'The bind has no right to read this part of the directory.'],
  51: ['unreachable', 'The directory is busy.'],
  52: ['unreachable', 'The directory is not available: it starts up or shuts down.'],
  53: ['configuration', 'The directory is unwilling to answer this request.'],
};

const TLS_CODES = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;
const NETWORK_CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be resolved',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'it did not answer in time',
};

/** What an error of the LDAP client means, in words. `doing` ends the sentence: "while <doing>". */
export function ldapProblem(error: unknown, at: { readonly url: string; readonly doing: string }): SourceProblem {
  if (error instanceof SourceProblem) return error;
  const code = codeOf(error);
  if (typeof code === 'number') {
    const [kind, words] = RESULT_CODES[code] ?? [
      'configuration',
      `The directory answered with LDAP result code ${code}.`,
    ];
    return new SourceProblem(kind, `${words} (${at.url}, while ${at.doing})`, error);
  }
  const detail = error instanceof Error ? error.message.split('\n')[0] : String(error);
  if (code !== undefined && TLS_CODES.test(code))
    return new SourceProblem(
      'configuration',
      `No trusted encrypted connection to ${at.url}: ${detail} (${code}). Is caFile right, and does the certificate name the host?`,
      error,
    );
  const reason = (code === undefined ? undefined : NETWORK_CODES[code]) ?? reasonOf(detail);
  return new SourceProblem(
    'unreachable',
    `The directory ${at.url} cannot be reached: ${reason} (while ${at.doing}).`,
    error,
  );
}

/** The numeric result code of an answer of the directory. */
export const resultCodeOf = (error: unknown): number | undefined => {
  const code = codeOf(error);
  return typeof code === 'number' ? code : undefined;
};

export const NO_SUCH_OBJECT = 32;
export const INSUFFICIENT_ACCESS = 50;

function codeOf(error: unknown): number | string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' || typeof error.code === 'string' ? error.code : undefined;
}

function reasonOf(detail: string | undefined): string {
  if (detail === undefined) return 'unknown reason';
  if (/timed out|timeout/i.test(detail)) return 'it did not answer in time';
  if (/closed|socket|not established/i.test(detail)) return 'the connection was lost';
  return detail;
}
