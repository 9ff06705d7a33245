import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';

/** Connection lost, server going down or coming up, deadlock, serialization failure, too many connections, time-out. */
const TRANSIENT_STATES = /^(08|57P|53|40001|40P01|55P03|57014|25P03)/;
const TRANSIENT_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const SHOWN_SQL = 200;

/** A statement failed. Neither the message nor any field has the statement's parameters, which may be personal or secret. */
export class QueryProblem extends Error {
  /** SQLSTATE, or the code of the network error, or `UNKNOWN`. */
  readonly code: string;
  readonly constraint: string | undefined;
  /** Beginning of the statement. */
  readonly sql: string;
  /** True if the same work may succeed later. */
  readonly transient: boolean;

  constructor(error: unknown, sql: string) {
    const driver = (error instanceof QueryFailedError ? error.driverError : error) as Partial<NodeJS.ErrnoException> & {
      constraint?: string;
    };
    super(driver.message ?? String(error));
    this.name = 'QueryProblem';
    this.code = driver.code ?? 'UNKNOWN';
    this.constraint = driver.constraint;
    this.sql = sql.replace(/\s+/g, ' ').trim().slice(0, SHOWN_SQL);
    this.transient = isTransient(error);
  }
}

/** Whether trying again later may help: true for lost connections, restarts, deadlocks and time-outs. */
export function isTransient(error: unknown): boolean {
  // TypeORM lets go of a transaction whose connection is lost; what the transaction does next finds it gone.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  const { code, message } = (
    error instanceof QueryFailedError ? error.driverError : error
  ) as Partial<NodeJS.ErrnoException>;
  if (code !== undefined) return TRANSIENT_STATES.test(code) || TRANSIENT_CODES.has(code);
  // node-postgres gives these without a code.
  return /connection terminated|timeout (exceeded|expired)|connection error|not queryable/i.test(message ?? '');
}

/** PostgreSQL's unique_violation. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    error instanceof QueryProblem &&
    error.code === '23505' &&
    (constraint === undefined || error.constraint === constraint)
  );
}
