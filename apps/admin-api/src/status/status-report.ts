import type { Document, SpConnection } from '@provisor/contracts';
import type {
  ConfigurationStore,
  DeadLetterStore,
  FailureGroup,
  ObjectStore,
  StoredDocument,
} from '@provisor/persistence';
import type { CaptureSource, DataStoreState } from './capture-source.js';
import type { ConnectionState, DispatcherAnswers, StatusSource } from './status-source.js';

export interface ConnectionStatus {
  readonly name: string;
  readonly targetType?: string;
  readonly configVersion?: number;
  readonly state: 'active' | 'inactive' | 'paused' | 'quarantined' | 'unknown';
  readonly reason?: string;
  readonly counts?: ConnectionState['counts'];
  readonly accounting?: NonNullable<ConnectionState['accounting']>;
  readonly oldestPendingAgeMs?: number | null;
  readonly quarantine?: NonNullable<ConnectionState['quarantine']>;
  readonly throttledUntil?: string;
  readonly failures?: readonly FailureGroup[];
}

export interface StatusDependencies {
  readonly configuration: ConfigurationStore;
  readonly objects: ObjectStore;
  readonly deadLetters: DeadLetterStore;
  readonly dispatchers: StatusSource;
  readonly capture: CaptureSource;
  readonly now: () => Date;
}

/** Puts together what is configured and what the services say of it. What nobody says is `unknown`, never a number. */
export class StatusReport {
  readonly #deps: StatusDependencies;

  constructor(dependencies: StatusDependencies) {
    this.#deps = dependencies;
  }

  async everything() {
    const { configuration, dispatchers, capture, deadLetters, now } = this.#deps;
    const [documents, answers, sources, letters] = await Promise.all([
      configuration.list(),
      dispatchers.connections(),
      capture.dataStores(),
      deadLetters.count(),
    ]);
    const configured = documents.filter(isConnection);
    const names = new Set([...configured.map(({ document }) => document.metadata.name), ...answers.states.keys()]);
    return {
      at: now().toISOString(),
      spConnections: [...names].toSorted().map((name) => connectionStatus(name, nameIn(configured, name), answers)),
      dataStores: documents
        .filter(({ document }) => document.kind === 'DataStore')
        .map((store) => sourceStatus(store, sources)),
      deadLetters: letters,
      problems: [...answers.silent, ...(sources.silent === undefined ? [] : [sources.silent])],
    };
  }

  /** Undefined where nobody knows such an SP connection. */
  async connection(name: string): Promise<ConnectionStatus | undefined> {
    const { configuration, dispatchers, objects } = this.#deps;
    const [stored, answers, failures] = await Promise.all([
      configuration.find('SpConnection', name),
      dispatchers.connections(),
      objects.failures(name, 10),
    ]);
    const configured = stored && isConnection(stored) ? stored : undefined;
    if (!configured && !answers.states.has(name)) return undefined;
    return { ...connectionStatus(name, configured, answers), failures };
  }
}

type StoredConnection = StoredDocument & { readonly document: SpConnection };

const isConnection = (stored: StoredDocument): stored is StoredConnection => stored.document.kind === 'SpConnection';
const nameIn = (all: readonly StoredConnection[], name: string) =>
  all.find(({ document }) => document.metadata.name === name);

function connectionStatus(
  name: string,
  configured: StoredConnection | undefined,
  { states, silent }: DispatcherAnswers,
): ConnectionStatus {
  const known = states.get(name);
  return {
    name,
    ...(configured ? { targetType: configured.document.spec.target.type, configVersion: configured.version } : {}),
    ...(known ? knownState(known, configured?.document) : { state: 'unknown', reason: whyUnknown(silent) }),
  };
}

function knownState(known: ConnectionState, document: SpConnection | undefined) {
  return {
    ...stateOf(known, document),
    ...(known.counts === undefined ? {} : { counts: known.counts }),
    ...(known.accounting === undefined ? {} : { accounting: known.accounting }),
    ...(known.oldestPendingAgeMs === undefined ? {} : { oldestPendingAgeMs: known.oldestPendingAgeMs }),
    ...(known.quarantine ? { quarantine: known.quarantine } : {}),
    ...(known.throttledUntil ? { throttledUntil: known.throttledUntil } : {}),
  };
}

function stateOf(
  known: ConnectionState,
  document: SpConnection | undefined,
): Pick<ConnectionStatus, 'state' | 'reason'> {
  if (!document) return { state: 'inactive', reason: 'Its document was removed; accounts stay as they are.' };
  if (!document.spec.active) return { state: 'inactive', reason: 'The document says active: false.' };
  if (known.paused) return { state: 'paused', reason: known.pausedBy ? `Paused by ${known.pausedBy}.` : 'Paused.' };
  if (known.quarantine)
    return {
      state: 'quarantined',
      reason: known.quarantine.cause ?? known.quarantine.code ?? 'The target cannot be used.',
    };
  return { state: 'active', ...blockReason(known) };
}

function blockReason({ block }: ConnectionState): { reason?: string } {
  if (block?.kind === 'breaker-open')
    return { reason: `The service provider does not answer; the next attempt is ${block.until ?? 'soon'}.` };
  if (block?.kind === 'no-configuration') return { reason: 'The dispatcher waits for the configuration.' };
  return {};
}

const whyUnknown = (silent: readonly string[]) =>
  silent.length > 0 ? silent.join(' ') : 'No dispatcher knows this SP connection yet.';

function sourceStatus(
  { document, version }: StoredDocument,
  sources: Awaited<ReturnType<CaptureSource['dataStores']>>,
) {
  const known: DataStoreState | undefined = sources.states.get(document.metadata.name);
  return {
    name: document.metadata.name,
    type: typeOf(document),
    configVersion: version,
    ...(known ?? { state: 'unknown', reason: sources.silent ?? 'Change capture does not know this data store yet.' }),
  };
}

const typeOf = (document: Document) => (document.kind === 'DataStore' ? document.spec.type : document.spec.target.type);
