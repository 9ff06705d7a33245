import type {
  CallContext,
  CallOutcome,
  Connector,
  LookupAnswer,
  MembersOutcome,
  TargetDescription,
  UpdateRequest,
} from '@provisor/provisioning';
import type { Random } from '../time/random.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { RequestFault, Setup, When } from '../plan/plan.js';
import type { DispatcherProcess } from './dispatcher-process.js';
import { type Effect, type Entry, type RequestKind, type Target, uniqueness } from './target.js';
import { tracedBy } from './trace.js';

export interface Weather {
  /** What goes wrong with the next request for an object. */
  readonly fault: (connection: string, objectId: string) => RequestFault | undefined;
  readonly downUntil: (connection: string) => number;
  readonly throttledUntil: (connection: string) => number;
  readonly unauthorisedUntil: (connection: string) => number;
}

export interface ModelConnectorParts {
  readonly connection: string;
  readonly scope: string;
  readonly target: Target;
  readonly process: DispatcherProcess;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly setup: Setup;
  readonly weather: Weather;
  readonly ledger: Entry[];
  readonly trace: (line: string) => void;
  readonly crashes: (await_: number, when: When) => boolean;
  readonly count: () => number;
  /** Of the SP connection's partition, now. */
  readonly epoch: () => number;
  /** The process dies. */
  readonly kill: () => void;
}

interface Request<T> {
  readonly kind: RequestKind;
  readonly objectId: string;
  /** The object that faults are counted by, where it is not the one that the ledger names. */
  readonly about?: string;
  /** The account, where it is known before. */
  readonly targetId?: string;
  readonly context: CallContext;
  readonly written?: Readonly<Record<string, unknown>>;
  readonly paths?: readonly string[];
  readonly cleared?: readonly string[];
  readonly effect: () => Effect<T>;
  /** The answer that carries an outcome other than the target's own. */
  readonly failed: (outcome: CallOutcome) => T;
}

const TIMEOUT_MS = 4_000;

/** Talks to a model target over a network that takes time and loses things. */
export function modelConnector(parts: ModelConnectorParts): Connector {
  const { target, setup } = parts;
  const description: TargetDescription = {
    groups: true,
    maxMembersPerCall: setup.chunk,
    list: false,
    visibleAfterMs: setup.readDelayMs,
    facts: {},
  };
  const itself = (outcome: CallOutcome): CallOutcome => outcome;
  return {
    describe: (context) =>
      send<{ kind: 'described'; description: TargetDescription } | { kind: 'failed'; outcome: CallOutcome }>(parts, {
        ...{ kind: 'describe', objectId: '', context },
        effect: () => ({ answer: { kind: 'described', description }, effect: 'none' }),
        failed: (outcome) => ({ kind: 'failed', outcome }),
      }),
    lookup: (request, context) =>
      send<LookupAnswer>(parts, {
        ...{ kind: 'lookup', objectId: request.objectId, context },
        effect: () => target.lookup(request),
        failed: (outcome) => ({ kind: 'failed', outcome }),
      }),
    read: (request, context) =>
      send<LookupAnswer>(parts, {
        ...{ kind: 'read', objectId: request.objectId, context },
        effect: () => target.read(request),
        failed: (outcome) => ({ kind: 'failed', outcome }),
      }),
    matchKeysOf: () => [],
    create: (request, context) =>
      send(parts, {
        ...{ kind: 'create', objectId: request.objectId, context, written: request.attributes },
        paths: ['active', ...Object.keys(request.attributes), ...Object.keys(request.references ?? {})],
        effect: () => target.create(request),
        failed: itself,
      }),
    update: (request, context) =>
      send(parts, {
        ...{ kind: 'update', objectId: request.objectId, context, written: request.set, paths: pathsOf(request) },
        cleared: clearedBy(request),
        effect: () => target.update(request),
        failed: itself,
      }),
    remove: (request, context) =>
      send(parts, {
        ...{ kind: 'remove', objectId: request.objectId, context },
        effect: () => target.remove(request),
        failed: itself,
      }),
    changeMembers: (request, context) =>
      send<MembersOutcome>(parts, {
        ...{ kind: 'members', objectId: '', about: target.objectOf(request.groupTargetId), context },
        targetId: request.groupTargetId,
        paths: [...request.add, ...request.remove].map(({ objectId }) => objectId),
        cleared: request.remove.map(({ objectId }) => objectId),
        effect: () => target.changeMembers(request),
        failed: (outcome) => ({ outcome, refused: new Map() }),
      }),
    list: () => Promise.resolve({ kind: 'failed', outcome: { kind: 'rejected', code: 'model.no-list' } }),
    close: () => Promise.resolve(),
  };
}

const READS = new Set<RequestKind>(['describe', 'lookup', 'read']);

const pathsOf = ({ set, clear, references, active }: UpdateRequest): string[] => [
  ...[...Object.keys(set), ...clear, ...Object.keys(references ?? {})],
  ...(active === undefined ? [] : ['active']),
];

const clearedBy = ({ clear, references = {} }: UpdateRequest): string[] => [
  ...clear,
  ...Object.keys(references).filter((path) => references[path] === null),
];

async function send<T>(parts: ModelConnectorParts, request: Request<T>): Promise<T> {
  const { process, time, random, crashes, count, weather } = parts;
  await request.context.acquire(READS.has(request.kind) ? 'read' : 'write');
  const number = count();
  return new Promise((resolve) => {
    if (crashes(number, 'before')) return;
    const fault = weather.fault(parts.connection, request.about ?? request.objectId);
    const entry = newEntry(parts, request, fault);
    parts.ledger.push(entry);
    time.after(random.between(1, fault === 'slow' ? 400 : 30), () => {
      const { answer, afterMs } = arrive(parts, request, entry, fault);
      parts.trace(
        `process ${process.id} ${entry.kind} ${entry.connection} ${entry.objectId} ${entry.targetId ?? ''} for ${entry.version?.sequence ?? 0}.${entry.version?.config ?? 0} (sent ${time.now - entry.sentAt} ms ago): ${entry.effect} ${entry.paths.join()} ${fault ?? ''} ${JSON.stringify(answer)}`,
      );
      if (fault === 'death') parts.kill();
      if (crashes(number, 'after')) return;
      time.after(afterMs, () =>
        process.deliver(() => {
          entry.ended = time.now;
          resolve(answer);
        }),
      );
    });
  });
}

function newEntry<T>(parts: ModelConnectorParts, request: Request<T>, fault: RequestFault | undefined): Entry {
  const traced = tracedBy(request.context.traceparent);
  return {
    kind: request.kind,
    connection: parts.connection,
    scope: parts.scope,
    process: parts.process.id,
    epoch: parts.epoch(),
    objectId: request.objectId,
    version: traced?.version,
    sentAt: parts.time.now,
    began: parts.time.now,
    at: undefined,
    ended: undefined,
    effect: 'none',
    targetId: request.targetId,
    ...{ closes: false, opens: false, deletes: false },
    written: request.written ?? {},
    paths: request.paths ?? [],
    cleared: request.cleared ?? [],
    retryAfterMs: undefined,
    refused: false,
    fault,
  };
}

interface Arrived<T> {
  readonly answer: T;
  readonly afterMs: number;
}

/** The request reaches the service provider, or what stands before it. */
function arrive<T>(
  parts: ModelConnectorParts,
  request: Request<T>,
  entry: Entry,
  fault: RequestFault | undefined,
): Arrived<T> {
  const { time, random } = parts;
  entry.at = time.now;
  const refused = refusal(parts, request.kind, entry, fault);
  if (refused !== undefined)
    return {
      answer: request.failed(refused),
      afterMs: fault === 'reset' ? random.between(1, 50) : random.between(1, 30),
    };
  const { answer, effect, targetId, closes = false, opens = false, deletes = false } = request.effect();
  Object.assign(entry, { effect, targetId, closes, opens, deletes });
  if (fault === 'lost-answer')
    return {
      answer: request.failed(unanswered('model.timeout')),
      afterMs: random.chance(0.5) ? TIMEOUT_MS : random.between(1, 50),
    };
  if (fault === 'server-error-after') return { answer: request.failed(unanswered('model.http-500')), afterMs: 5 };
  return { answer, afterMs: fault === 'slow' ? random.between(200, 3_000) : random.between(1, 30) };
}

/** What the request comes to without any effect; undefined if it is carried out. */
function refusal(
  { connection, time, weather }: ModelConnectorParts,
  kind: RequestKind,
  entry: Entry,
  fault: RequestFault | undefined,
): CallOutcome | undefined {
  const throttled = weather.throttledUntil(connection) - time.now;
  if (throttled > 0) {
    entry.retryAfterMs = throttled;
    return { kind: 'retryable', code: 'model.throttled', httpStatus: 429, throttled: true, retryAfterMs: throttled };
  }
  if (weather.unauthorisedUntil(connection) > time.now)
    return { kind: 'halted', code: 'model.unauthorised', httpStatus: 401 };
  if (weather.downUntil(connection) > time.now)
    return { kind: 'retryable', code: 'model.http-503', httpStatus: 503, systemic: true };
  if (fault === 'reset') return unanswered('model.reset');
  if (fault === 'server-error')
    return { kind: 'retryable', code: 'model.http-500', httpStatus: 500, ambiguous: true, systemic: true };
  if (fault === 'conflict' && kind === 'create') return uniqueness;
  if (fault === 'refusal' && kind !== 'describe') {
    entry.refused = true;
    return { kind: 'rejected', code: 'model.invalid', httpStatus: 400 };
  }
  return undefined;
}

const unanswered = (code: string): CallOutcome => ({ kind: 'retryable', code, ambiguous: true, systemic: true });
