import type { Operation, Policy, TargetAttributes } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import {
  FencedError,
  type Fence,
  type IntentItem,
  type IntentVerdict,
  type LinkedReference,
} from '@provisor/persistence';
import {
  applyIntent,
  beginCreate,
  compareVersions,
  judgeReadBack,
  plan,
  resolveMatch,
  resolveRead,
  type CallOutcome,
  type FoundAccount,
  type Intent,
  type Knowledge,
  type LookupAnswer,
  type LookupRequest,
  type MatchDecision,
  type ReadBack,
  type TargetObjectState,
} from '@provisor/provisioning';
import type { ObjectSlot } from '../engine/object-slot.js';
import type { GuardWindows } from '../engine/guard-windows.js';
import { ScopeWaits } from '../engine/token-bucket.js';
import { AttemptCalls } from './attempt-calls.js';
import { linkedElsewhere, type AttemptEnding, type AttemptResult, type Decision } from './attempt-ending.js';
import { guarded } from './object-guard.js';
import { proven } from './removal-proof.js';
import { DesiredAnew, OwnershipLost, type CallSite } from './call-site.js';
import { openedOrRefused, openedUpdate, plainAttributes, type ValueOpener } from './opened-attributes.js';
import type { TargetSession } from './target-session.js';
import { linkColumns, stateOf } from './target-object-state.js';

export interface AttemptParts {
  readonly slot: ObjectSlot;
  readonly session: TargetSession;
  readonly site: CallSite;
  readonly window: GuardWindows;
  readonly fence: Fence;
  readonly recordIntent: (item: IntentItem) => Promise<IntentVerdict>;
  readonly open: ValueOpener;
  readonly clock: Pick<Clock, 'now'>;
  /** The object has an account now, and the database knows it. */
  readonly onLinked: () => void;
}

/** Every step changes what the next plan sees; a longer way than this means that the target contradicts itself. */
const MAX_STEPS = 8;
/** What was sent before, without an answer, is there. */
const ARRIVED = 'read.as-sent';

type Step = { readonly end: CallOutcome | Decision } | 'on';

/**
 * One attempt to bring one object to its desired state: plan → intent → call, and again with what was learnt, until the target
 * is as desired, says no, or has to be asked later. Records what it is about to do before it does it.
 */
export class ObjectAttempt {
  readonly #p: AttemptParts;
  readonly #policy: Policy;
  readonly #calls: AttemptCalls;
  #state: TargetObjectState;
  #account: NonNullable<Knowledge['account']> = 'unknown';
  #read = false;
  #operation: Operation = 'none';
  #references: readonly LinkedReference[] = [];
  #changed: readonly string[] = [];
  #created = false;
  #gone = false;
  #readBack: ReadBack | undefined;

  constructor(parts: AttemptParts) {
    this.#p = parts;
    this.#policy = parts.session.policy;
    this.#calls = new AttemptCalls(parts.site);
    this.#state = stateOf(parts.slot.row, { intentFresh: parts.slot.intentFresh });
  }

  async run(): Promise<AttemptResult> {
    try {
      return { kind: 'ended', ending: await this.#steps() };
    } catch (error) {
      if (error instanceof ScopeWaits) return { kind: 'waits', until: error.until };
      if (error instanceof DesiredAnew) return { kind: 'anew' };
      if (error instanceof OwnershipLost) return { kind: 'lost' };
      throw error;
    }
  }

  async #steps(): Promise<AttemptEnding> {
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const next = await this.#step(plan(this.#state, this.#policy, { account: this.#account, read: this.#read }));
      if (next !== 'on') return this.#end(next.end);
    }
    return this.#end({
      kind: 'rejected',
      code: 'target.contradictory',
      cause: 'The target keeps answering in a way that contradicts what it answered before.',
    });
  }

  #end(outcome: CallOutcome | Decision): AttemptEnding {
    return {
      state: this.#state,
      operation: this.#operation,
      changed: this.#changed,
      references: this.#references,
      outcome,
      ...(this.#calls.answer === undefined ? {} : { answer: this.#calls.answer }),
      created: this.#created,
      gone: this.#gone,
      ...(this.#readBack === undefined ? {} : { readBack: this.#readBack }),
    };
  }

  async #step(intent: Intent): Promise<Step> {
    switch (intent.kind) {
      case 'none':
        return {
          end:
            this.#operation === 'none'
              ? { kind: 'unchanged', code: `state.${intent.why}` }
              : { kind: 'applied', code: this.#operation === 'link' ? 'linked' : ARRIVED },
        };
      case 'skip':
        return { end: { kind: 'skipped', code: intent.code, cause: intent.cause } };
      case 'match':
        return this.#match();
      case 'read':
        return this.#readSent(intent.paths);
      case 'create':
        return this.#create();
      case 'update':
      case 'remove':
        return this.#change(intent);
    }
  }

  async #match(): Promise<Step> {
    const request = this.#lookupRequest();
    const listed = this.#state.createIntended ? undefined : this.#p.session.listed(request);
    // A listing is a picture of an earlier moment: whoever stood in the way then may have left since.
    if (listed !== undefined && this.#resolved(listed).kind !== 'refused') return this.#decideMatch(listed);
    return this.#decideMatch(await this.#lookup(request));
  }

  /** What has arrived need not be written again; whatever the account does not show is. */
  async #readSent(paths: readonly string[]): Promise<Step> {
    this.#read = true;
    const { objectType, objectId, link } = this.#state;
    if (link === null) return 'on';
    const request = { objectType, objectId, targetId: link.targetId, paths, references: [] };
    const answer = await this.#calls.ask(async (connector, context) => connector.read?.(request, context));
    if (answer?.kind === 'failed' && answer.outcome.kind !== 'rejected') return { end: answer.outcome };
    // An account that is not found may be one that is not shown yet: the write will tell.
    if (answer?.kind !== 'found') return 'on';
    const before = this.#state.applied?.presence;
    const { object, arrived } = resolveRead(this.#state, answer.account);
    this.#state = object;
    const status = object.applied?.presence !== before;
    if (arrived.length > 0 || status) this.#operation = 'update';
    if (status && object.applied?.presence === 'disabled') {
      this.#operation = 'disable';
      this.#readBack = judgeReadBack({ kind: 'inactive' }, this.#p.clock.now());
    }
    this.#changed = arrived;
    return 'on';
  }

  #resolved(answer: LookupAnswer): MatchDecision {
    const { session, clock } = this.#p;
    // An attempt begins when the target is described.
    const visibleAfterMs = session.description?.visibleAfterMs ?? 0;
    return resolveMatch(this.#state, answer, this.#policy, { now: clock.now(), visibleAfterMs });
  }

  async #decideMatch(answer: LookupAnswer): Promise<Step> {
    const decision = this.#resolved(answer);
    if (decision.kind === 'refused') {
      this.#operation = 'link';
      return { end: decision.outcome };
    }
    this.#state = decision.object;
    if (decision.kind === 'absent') {
      this.#account = 'absent-at-target';
      return 'on';
    }
    return this.#link(answer.kind === 'found' ? answer.account.references : undefined);
  }

  /** The link is claimed before anything is written to the account: it may belong to another object. */
  async #link(shown: FoundAccount['references']): Promise<Step> {
    const { link, applied } = this.#state;
    if (link === null || applied === null) return 'on';
    this.#operation = 'link';
    const verdict = await this.#record({
      kind: 'link',
      targetId: link.targetId,
      targetVersion: link.targetVersion ?? null,
      applied,
      ...(shown === undefined ? {} : { references: { shown, at: this.#p.clock.now() } }),
      ...this.#goneNow(),
    });
    if (verdict.kind === 'collision') {
      const { objectId } = this.#state;
      this.#state = { ...this.#state, link: null, applied: null };
      return { end: linkedElsewhere(link.targetId, objectId, verdict.with) };
    }
    this.#gone = false;
    this.#p.slot.row = { ...this.#p.slot.row, ...linkColumns(this.#state) };
    this.#p.window.linked();
    this.#p.onLinked();
    return 'on';
  }

  #goneNow(): { goneAt?: number } {
    return this.#gone ? { goneAt: this.#p.clock.now() } : {};
  }

  async #create(): Promise<Step> {
    const { slot } = this.#p;
    this.#operation = 'create';
    const attributes = this.#state.desired.attributes ?? {};
    const opened = await openedOrRefused(attributes, this.#p.open);
    if ('refused' in opened) return { end: opened.refused };
    let references: readonly LinkedReference[] = [];
    if (!slot.intentFresh) {
      const { applied } = beginCreate(this.#state, this.#p.clock.now());
      const verdict = await this.#record({
        kind: 'create',
        ...(applied === null ? {} : { applied }),
        ...this.#goneNow(),
      });
      if (this.#gone) slot.row = { ...slot.row, ...linkColumns(this.#state) };
      this.#gone = false;
      // Of another desired state, that came meanwhile, nothing is recorded.
      slot.intentFresh = compareVersions(slot.row.version, this.#state.version) === 0;
      if (verdict.kind === 'recorded') references = verdict.references;
    }
    const before = this.#state;
    let outcome = await this.#callCreate(before, opened.attributes, references);
    if (outcome.kind === 'rejected' && !isUniqueness(outcome) && references.length > 0) {
      // It may be a reference that is refused. The account does without; what is refused then is refused alone.
      references = [];
      outcome = await this.#callCreate(before, opened.attributes, references);
    }
    this.#state = applyIntent(before, { kind: 'create' }, outcome, this.#p.clock.now());
    if (outcome.kind === 'rejected' && isUniqueness(outcome)) return this.#matchAfterConflict(before, outcome);
    if (outcome.kind !== 'applied' && outcome.kind !== 'unchanged') return { end: outcome };
    // A success that names no account is none that can be built on: look for it.
    if (this.#state.link === null) return this.#restartMatch();
    this.#created = true;
    this.#references = references;
    this.#changed = [...Object.keys(attributes), ...references.map(({ kind }) => kind)];
    return { end: outcome };
  }

  #callCreate(
    { objectType, objectId, desired }: TargetObjectState,
    attributes: TargetAttributes,
    references: readonly LinkedReference[],
  ): Promise<CallOutcome> {
    const request = {
      objectType,
      objectId,
      active: desired.presence === 'active',
      attributes,
      ...(references.length === 0
        ? {}
        : { references: Object.fromEntries(references.map(({ kind, targetId }) => [kind, targetId])) }),
    };
    return this.#calls.make((connector, context) => {
      this.#p.slot.intentFresh = false;
      return connector.create(request, context);
    });
  }

  #restartMatch(): Step {
    this.#account = 'unknown';
    return 'on';
  }

  /** The account was there before: it is not ours by birth, so the policy for existing accounts decides. */
  async #matchAfterConflict(before: TargetObjectState, conflict: CallOutcome): Promise<Step> {
    this.#state = { ...before, createIntended: false };
    const answer = await this.#lookup(this.#lookupRequest());
    return answer.kind === 'none' ? { end: conflict } : this.#decideMatch(answer);
  }

  async #change(intent: Extract<Intent, { kind: 'update' | 'remove' }>): Promise<Step> {
    const { slot, window, clock } = this.#p;
    const verdict = guarded(intent, {
      row: slot.row,
      state: this.#state,
      guard: this.#policy.guard,
      windows: window,
      now: clock.now(),
    });
    if ('held' in verdict) {
      this.#operation = operationOf(intent);
      return { end: verdict.held };
    }
    const { link } = this.#state;
    if (link === null) return 'on';
    this.#operation = operationOf(intent);
    const opened = intent.kind === 'update' ? await openedUpdate(this.#state, intent.set, this.#p.open) : undefined;
    if (opened !== undefined && 'refused' in opened) return { end: opened.refused };
    if (verdict.record !== undefined) await this.#record(verdict.record);
    const before = this.#state;
    const target = { objectType: before.objectType, objectId: before.objectId, targetId: link.targetId };
    const outcome = await this.#calls.make(async (connector, context) => {
      if (intent.kind === 'remove' && intent.how === 'delete') return connector.remove(target, context);
      return connector.update(
        {
          ...target,
          set: opened?.set ?? {},
          clear: intent.kind === 'update' ? intent.clear : [],
          ...(intent.kind === 'remove'
            ? { active: false }
            : intent.active === undefined
              ? {}
              : { active: intent.active }),
          desired: { active: before.desired.presence === 'active', attributes: opened?.desired ?? {} },
          ...(link.targetVersion === undefined ? {} : { targetVersion: link.targetVersion }),
        },
        context,
      );
    });
    const { session, site } = this.#p;
    const proof = await proven(intent, target, outcome, { row: slot.row, policy: session.policy, site, clock });
    this.#readBack = proof.readBack ?? this.#readBack;
    return this.#changedBy(intent, before, proof.outcome);
  }

  #changedBy(
    intent: Extract<Intent, { kind: 'update' | 'remove' }>,
    before: TargetObjectState,
    outcome: CallOutcome,
  ): Step {
    this.#state = applyIntent(before, intent, outcome, this.#p.clock.now());
    if (this.#state.link === null) {
      this.#gone = true;
      this.#p.window.unlinked();
    }
    if (outcome.kind === 'vanished') {
      // Deleted is what was wanted. Anything else begins anew without the account.
      if (intent.kind === 'remove' && intent.how === 'delete') return { end: { ...outcome, kind: 'unchanged' } };
      return this.#restartMatch();
    }
    if (outcome.kind === 'applied' || outcome.kind === 'unchanged')
      this.#changed = intent.kind === 'update' ? [...this.#changed, ...Object.keys(intent.set), ...intent.clear] : [];
    return { end: outcome };
  }

  #lookupRequest(): LookupRequest {
    const { objectType, objectId, desired } = this.#state;
    const references = this.#p.session.references[objectType];
    return { objectType, objectId, attributes: plainAttributes(desired.attributes ?? {}), references };
  }

  #lookup(request: LookupRequest): Promise<LookupAnswer> {
    return this.#calls.ask((connector, context) => connector.lookup(request, context));
  }

  async #record(intent: IntentItem['intent']): Promise<Exclude<IntentVerdict, { kind: 'fenced' }>> {
    const { fence, recordIntent } = this.#p;
    const { objectId, objectType } = this.#state;
    const verdict = await recordIntent({ fence, objectId, objectType, intent });
    if (verdict.kind === 'fenced') throw new FencedError('The SP connection has another owner by now.');
    return verdict;
  }
}

const isUniqueness = (outcome: CallOutcome): boolean =>
  outcome.httpStatus === 409 || outcome.code.endsWith('.uniqueness');

function operationOf(intent: Extract<Intent, { kind: 'update' | 'remove' }>): Operation {
  if (intent.kind === 'remove') return intent.how;
  if (intent.active === undefined) return 'update';
  return intent.active ? 'enable' : 'disable';
}
