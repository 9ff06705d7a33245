import type { CallOutcome } from '@provisor/provisioning';
import { outcomeOf, type ScimCode } from '../codes.js';
import type { ErrorPattern, VendorProfile } from '../profile/vendor-profile.js';
import { readErrorBody, type ErrorBody } from './error-body.js';
import type { HttpAnswer, HttpFailure } from './http-answer.js';
import { isExhausted, retryAfterMs } from './retry-after.js';

/** What was asked for; the same status means different things for each. */
export type Operation = 'discover' | 'search' | 'read' | 'create' | 'update' | 'delete' | 'members';

/**
 * What the connector can try within the same call, having learnt something: search by the next attribute, write the whole
 * attribute instead of a value path, PUT instead of PATCH, the other media type, a version, a smaller chunk, the first page
 * again, or a fresh read before the same write.
 */
export type Replan = 'next-match' | 'whole-attribute' | 'put' | 'media' | 'if-match' | 'reread' | 'smaller' | 'restart';

export interface Classified {
  /** What the call comes to if nothing else is tried. */
  readonly outcome: CallOutcome;
  readonly replan?: Replan;
  readonly scimType?: string;
}

export interface ClassifyContext {
  readonly operation: Operation;
  readonly errors: VendorProfile['errors'];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Texts that must not appear in a cause. */
  readonly secrets?: readonly string[];
}

/** The one place where an answer that is not a success gets its meaning (RFC 7644 §3.12). Status first, scimType second. */
export function classifyAnswer(answer: HttpAnswer, context: ClassifyContext): Classified {
  const body = readErrorBody(answer);
  const say: Say = (code, more = {}) =>
    outcomeOf(code, { cause: causeOf(answer, body, context.secrets), httpStatus: answer.status, ...more });
  const facts: Facts = { answer, body, context, say };
  const classified = byProfile(facts) ?? byStatus(facts);
  return body.scimType === undefined ? classified : { ...classified, scimType: body.scimType };
}

/** What a request without an answer comes to. Only what may have reached the target can have had an effect. */
export function classifyFailure(failure: HttpFailure, operation: Operation): CallOutcome {
  const ambiguous = hasEffect(operation) && failure.sent;
  const systemic = failure.failure !== 'http.aborted' && failure.failure !== 'http.answer-too-large';
  return outcomeOf(failure.failure, { cause: failure.cause, ambiguous, systemic });
}

const WITH_EFFECT = new Set<Operation>(['create', 'update', 'delete', 'members']);
const hasEffect = (operation: Operation): boolean => WITH_EFFECT.has(operation);

type Say = (code: ScimCode, more?: Parameters<typeof outcomeOf>[1]) => CallOutcome;
interface Facts {
  readonly answer: HttpAnswer;
  readonly body: ErrorBody;
  readonly context: ClassifyContext;
  readonly say: Say;
}

function byProfile({ answer, context: { errors, operation, now }, say }: Facts): Classified | undefined {
  const hit = (patterns: readonly ErrorPattern[]) => patterns.some((pattern) => fits(pattern, answer));
  if (hit(errors.uniqueness)) return { outcome: say('scim.uniqueness') };
  if (hit(errors.gone)) return { outcome: gone(operation, say) };
  if (hit(errors.retryable)) return { outcome: say('http.retry', { retryAfterMs: retryAfterMs(answer.headers, now) }) };
  if (hit(errors.objectScoped)) return { outcome: say('scim.object-refused') };
  return undefined;
}

function fits({ status, text }: ErrorPattern, answer: HttpAnswer): boolean {
  if (status !== undefined && status !== answer.status) return false;
  return text === undefined || answer.text.toLowerCase().includes(text.toLowerCase());
}

type StatusRule = (facts: Facts) => Classified;

const BY_STATUS: Readonly<Record<number, StatusRule>> = {
  400: badRequest,
  401: ({ say }) => ({ outcome: say('auth.refused') }),
  403: (facts) => ({ outcome: forbidden(facts) }),
  404: (facts) => ({ outcome: notFound(facts) }),
  405: unsupportedMethod,
  406: otherMedia,
  407: ({ say }) => ({ outcome: say('auth.refused') }),
  409: conflict,
  410: (facts) => ({ outcome: notFound(facts) }),
  412: ({ say }) => ({ outcome: say('scim.version-conflict'), replan: 'reread' }),
  413: ({ say }) => ({ outcome: say('scim.too-large'), replan: 'smaller' }),
  415: otherMedia,
  422: badRequest,
  428: ({ say }) => ({ outcome: say('scim.version-conflict'), replan: 'if-match' }),
  501: unsupportedMethod,
};

function byStatus(facts: Facts): Classified {
  return BY_STATUS[facts.answer.status]?.(facts) ?? { outcome: otherStatus(facts) };
}

function unsupportedMethod({ context, say }: Facts): Classified {
  return { outcome: say('scim.operation-missing'), ...(isWrite(context.operation) ? { replan: 'put' } : {}) };
}

const isWrite = (operation: Operation): boolean => operation === 'update' || operation === 'members';

function otherMedia({ say }: Facts): Classified {
  return { outcome: say('scim.invalid'), replan: 'media' };
}

function otherStatus({ answer, context, say }: Facts): CallOutcome {
  const { status, headers } = answer;
  const wait = retryAfterMs(headers, context.now);
  const ambiguous = hasEffect(context.operation);
  if (status === 429) return say('http.throttled', { retryAfterMs: wait, throttled: true });
  if (status === 408 || status === 425) return say('http.retry', { retryAfterMs: wait, ambiguous, systemic: true });
  if (status === 503 || status === 502 || status === 504) {
    return say('http.unavailable', { retryAfterMs: wait, throttled: wait !== undefined, ambiguous, systemic: true });
  }
  if (status >= 500) return say('http.server-error', { retryAfterMs: wait, ambiguous, systemic: true });
  if (status >= 300 && status < 400) return say('http.redirect');
  if (status >= 400) return say('scim.invalid');
  return say('scim.not-scim', { ambiguous });
}

/** 400 by scimType (RFC 7644, table 9). */
function badRequest({ context: { operation }, body, say }: Facts): Classified {
  switch (body.scimType?.toLowerCase()) {
    case 'uniqueness':
      return { outcome: say('scim.uniqueness') };
    case 'mutability':
      return { outcome: say('scim.mutability') };
    case 'invalidvers':
      return { outcome: say('scim.version-unsupported') };
    case 'toomany':
      return { outcome: say('scim.too-large'), replan: operation === 'members' ? 'smaller' : 'next-match' };
    case 'invalidcursor':
    case 'expiredcursor':
    case 'invalidcount':
      return { outcome: say('scim.cursor-expired'), replan: 'restart' };
    default:
      return { outcome: say('scim.invalid'), ...fallbackOf(operation) };
  }
}

/** A search that is not understood goes on with the next attribute; a PATCH that is not, once more without value paths. */
function fallbackOf(operation: Operation): { replan?: Replan } {
  if (operation === 'search') return { replan: 'next-match' };
  return operation === 'update' ? { replan: 'whole-attribute' } : {};
}

function conflict({ context: { operation }, body, say }: Facts): Classified {
  if (operation === 'create' || body.scimType?.toLowerCase() === 'uniqueness')
    return { outcome: say('scim.uniqueness') };
  if (/uniq|already exist|duplicate|already (taken|in use)/i.test(body.detail))
    return { outcome: say('scim.uniqueness') };
  return { outcome: say('scim.conflict'), replan: 'reread' };
}

/** GitHub and others throttle with 403; then a delay or an empty budget is in the headers. */
function forbidden({ answer, context, say }: Facts): CallOutcome {
  const named = answer.headers['retry-after'] !== undefined || isExhausted(answer.headers);
  if (!named) return say('auth.forbidden');
  return say('http.throttled', { retryAfterMs: retryAfterMs(answer.headers, context.now), throttled: true });
}

/** Some targets say 404 in SCIM's own form where a search finds nothing; anything else means that the endpoint is not there. */
function notFound({ context: { operation }, body, say }: Facts): CallOutcome {
  const missing = operation === 'create' || operation === 'discover' || (operation === 'search' && !body.scim);
  return missing ? say('scim.endpoint-missing') : gone(operation, say);
}

const gone = (operation: Operation, say: Say): CallOutcome =>
  say(operation === 'delete' ? 'scim.already-gone' : 'scim.vanished');

function causeOf({ status }: HttpAnswer, body: ErrorBody, secrets: readonly string[] = []): string {
  const what = [`HTTP ${status}`, body.scimType].filter((part) => part !== undefined).join(' ');
  const detail = secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), body.detail);
  return detail === '' ? what : `${what}: ${detail}`;
}
