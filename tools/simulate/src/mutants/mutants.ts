/** One planted bug: texts of compiled files and what stands there instead. Each text must occur exactly once. */
export interface Mutant {
  readonly name: string;
  /** What goes wrong, in words. */
  readonly bug: string;
  readonly patches: readonly Patch[];
}
export interface Patch {
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const core = (file: string, find: string, replace: string): Patch => ({
  ...{ file: `libs/provisioning/dist/${file}`, find, replace },
});
const engine = (file: string, find: string, replace: string): Patch => ({
  ...{ file: `apps/dispatcher/dist/${file}`, find, replace },
});
const stores = (file: string, find: string, replace: string): Patch => ({
  ...{ file: `tools/simulate/dist/${file}`, find, replace },
});

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'drop-version-guard',
    bug: 'an older version takes over from a newer one',
    patches: [
      {
        file: 'libs/persistence/dist/dispatch/fold-commands.js',
        find: 'const isNewer = (a, b) => a.sequence > b.sequence ||',
        replace: 'const isNewer = (a, b) => a.sequence >= 0 ||',
      },
      stores('tables/ingest.js', 'if (!isNewer)', 'if (false)'),
    ],
  },
  {
    name: 'drop-look-up-after-ambiguous-create',
    bug: 'an account is created again without looking for the one that may be there',
    patches: [
      core('planning/plan.js', "if (object.createIntended && account === 'unknown')", 'if (false)'),
      core('planning/plan.js', "if (account === 'unknown')", "if (account === 'unknown' && !object.createIntended)"),
    ],
  },
  {
    name: 'drop-fencing',
    bug: 'a former owner may write',
    patches: [
      stores('tables/tables.js', 'this.partitions.get(fence.partition)?.epoch === fence.epoch', 'fence.epoch > 0'),
    ],
  },
  {
    name: 'drop-lease-check',
    bug: 'calls go on after the lease has lapsed',
    patches: [
      engine('engine/partition-lease.js', 'return !this.givenUp && now < this.#until - MARGIN_MS;', 'return now > 0;'),
    ],
  },
  {
    name: 'take-over-without-waiting',
    bug: 'a new owner does not wait for the lease of the old one',
    patches: [stores('tables/ownership.js', 'row.leaseUntil > now && row.owner !== owner', 'row.leaseUntil < 0')],
  },
  {
    name: 'commit-offsets-early',
    bug: 'an offset is committed before its records are taken in',
    patches: [
      stores(
        'world/consumer-group.js',
        'await process.engine.ingest(partition, batch);',
        'topic.commit(partition, from + batch.length); committed(partition, from + batch.length); await process.engine.ingest(partition, batch);',
      ),
    ],
  },
  {
    name: 'ignore-retry-after',
    bug: 'a throttled limit scope goes on at once',
    patches: [
      engine(
        'engine/throttle.js',
        "if (outcome.kind !== 'retryable' || !('throttled' in outcome) || outcome.throttled !== true)",
        'if (true)',
      ),
    ],
  },
  {
    name: 'ignore-rate',
    bug: 'requests are sent without a token',
    patches: [engine('engine/token-bucket.js', 'if (limited && this.#tokens < 1)', 'if (false)')],
  },
  {
    name: 'fold-across-delete',
    bug: 'who returns while the removal waits is taken for removed',
    patches: [
      {
        file: 'libs/persistence/dist/dispatch/fold-commands.js',
        find: 'if (before === undefined || isNewer(command.version, before.object.version)) {',
        replace:
          "if (before === undefined || (isNewer(command.version, before.object.version) && !(before.object.state === 'pending' && before.object.desired.presence !== 'active'))) {",
      },
    ],
  },
  {
    name: 'fold-applied-membership',
    bug: 'a membership that the target has is forgotten instead of being removed',
    patches: [stores('tables/edges.js', 'if (!edge.applied && !edge.unsure) {', 'if (true) {')],
  },
  {
    name: 'forget-hold',
    bug: 'the guard lets every removal pass',
    patches: [
      engine(
        'engine/guard-windows.js',
        'return this.#windows[kind].allows(objectId, budget, { population: this.#population, now });',
        'return true;',
      ),
    ],
  },
  {
    name: 'forget-removals-at-restart',
    bug: 'the guard begins to count anew with every owner',
    patches: [stores('tables/work.js', 'removedAt === null || removedAt <= since', 'removedAt !== undefined || since')],
  },
  {
    name: 'resurrect-after-removal',
    bug: 'an account that was closed is opened again by the same version',
    patches: [
      core(
        'planning/plan.js',
        "enables: presence === 'active' && applied.presence !== 'active'",
        "enables: applied.presence !== 'active'",
      ),
      core(
        'planning/plan.js',
        "disables: presence === 'disabled' && applied.presence !== 'disabled'",
        "disables: presence === 'disabled' && applied.presence === 'active'",
      ),
    ],
  },
  {
    name: 'references-go-with-accounts',
    bug: 'a reference counts as cleared because the account that it names is gone',
    patches: [
      stores(
        'tables/edges.js',
        'const mayStay = edge.kind !== MEMBER',
        'const mayStay = edge.unsure && edge.kind !== MEMBER',
      ),
    ],
  },
  {
    name: 'send-edges-before-link',
    bug: 'a reference is sent before its other end has an account',
    patches: [stores('tables/edges.js', 'if (!otherLinked && (edge.kind === MEMBER || edge.desired))', 'if (false)')],
  },
  {
    name: 'settle-without-result',
    bug: 'an outcome is written without its record in the outbox',
    patches: [stores('tables/settle.js', 'this.#tables.outbox.push(...item.records(current));', '')],
  },
  {
    name: 'forget-superseded',
    bug: 'a version that was overtaken gets no result',
    patches: [stores('tables/ingest.js', 'this.#tables.outbox.push(...folded.superseded.map(supersededRecord));', '')],
  },
  {
    name: 'overtaken-is-terminal',
    bug: 'a version that was overtaken during its attempt gets a second terminal result',
    patches: [engine('delivery/settlement.js', 'terminal: terminal && current,', 'terminal,')],
  },
  {
    name: 'retry-rejected-for-ever',
    bug: 'what the target refuses is sent again and again',
    patches: [
      core(
        'settlement/settle.js',
        "case 'rejected':\n            return { kind: 'failed' };",
        "case 'rejected':\n            return { kind: 'retry', at: attempt.now + 500 };",
      ),
    ],
  },
  {
    name: 'two-calls-for-one-object',
    bug: 'a newer desired state is begun while the call for the older one is under way',
    patches: [engine('engine/connection-work.js', 'if (slot.desire(row) && !slot.busy)', 'if (slot.desire(row))')],
  },
  {
    name: 'trust-after-takeover',
    bug: 'a new owner believes that nothing was under way',
    patches: [
      stores(
        'tables/work.js',
        "if (row.state !== 'pending' || row.targetId === null || row.applied === null)",
        'if (row.applied === null || row.version.sequence > 0)',
      ),
    ],
  },
  {
    name: 'forget-sent-memberships',
    bug: 'a membership whose answer was lost counts as never sent',
    patches: [
      stores(
        'tables/edges.js',
        'edge.unsure = true;\n            const { member, other } = ends;',
        'const { member, other } = ends;',
      ),
    ],
  },
  {
    name: 'believe-lost-answers',
    bug: 'what was sent and not answered counts as not sent',
    patches: [
      core(
        'planning/apply-intent.js',
        "const isLost = (outcome) => outcome.kind === 'retryable' && outcome.ambiguous === true;",
        'const isLost = () => false;',
      ),
    ],
  },
  {
    name: 'write-again-without-reading',
    bug: 'what may have arrived is written again without a look',
    patches: [
      core(
        'planning/plan.js',
        'const look = read === true ? undefined : readFirst(object, wanted);',
        'const look = undefined;',
      ),
    ],
  },
  {
    name: 'believe-any-reading',
    bug: 'what an account shows counts as what was sent, also where it is something else',
    patches: [core('planning/read-sent.js', 'seen !== undefined && sameValue(seen, value)', 'seen !== undefined')],
  },
  {
    name: 'keep-vanished-link',
    bug: 'an account that is gone stays linked',
    patches: [core('planning/apply-intent.js', 'return { ...object, link: null, applied: null };', 'return object;')],
  },
  {
    name: 'keep-edges-of-gone-account',
    bug: 'a new account is believed to have the memberships of the one before',
    patches: [stores('tables/settle.js', 'if (item.gone)', 'if (false)')],
  },
  {
    name: 'never-look-at-retries',
    bug: 'what is to be tried again later is forgotten',
    patches: [
      engine(
        'engine/connection-work.js',
        'if (this.#nextDueAt !== undefined && this.#nextDueAt <= now) {',
        'if (this.#nextDueAt === 0) {',
      ),
    ],
  },
  {
    name: 'never-probe',
    bug: 'a breaker that has opened never tries again',
    patches: [
      engine(
        'engine/breaker.js',
        "return state === 'closed' || (state === 'half-open' && !this.#probing);",
        "return state === 'closed';",
      ),
    ],
  },
  {
    name: 'quarantine-for-ever',
    bug: 'a quarantined SP connection is never tried again',
    patches: [
      engine(
        'engine/connection-gate.js',
        'if (this.#quarantine !== null && (now < this.#probeAt || this.#probing))',
        'if (this.#quarantine !== null)',
      ),
    ],
  },
  {
    name: 'lose-a-command-in-a-batch',
    bug: 'the last command of a larger batch is not taken in',
    patches: [
      stores(
        'tables/ingest.js',
        'const folded = foldCommands(known, commands, now);',
        'const folded = foldCommands(known, commands.length > 3 ? commands.slice(0, -1) : commands, now);',
      ),
    ],
  },
  {
    name: 'remember-no-create',
    bug: 'nobody knows after a crash that a create was begun',
    patches: [stores('tables/settle.js', "if (intent.kind === 'create') {", 'if (false) {')],
  },
  {
    name: 'miss-due-while-busy',
    bug: 'an object that becomes due while something else is done for it is forgotten',
    patches: [engine('engine/connection-work.js', 'slot.missed = true;', '')],
  },
];
