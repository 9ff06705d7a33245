import { LANES, type Lane } from '@provisor/contracts';
import { keyOf, type TargetObject } from '@provisor/persistence';

/** Memberships that are known to wait, and the most urgent lane of them. */
export interface MembersDue {
  readonly edges: number;
  readonly lane: Lane;
}

/**
 * One target object that has work, in memory. While a slot exists it is the authority for the link and the applied state of its
 * object; what comes from the topic or the database meanwhile changes only what is desired.
 */
export class ObjectSlot {
  readonly key: string;
  row: TargetObject;
  /** In an attempt, or waiting for its outcome to be written: nothing else may be done for this object. */
  busy = false;
  stateDue = false;
  membersDue: MembersDue | undefined;
  referencesDue = false;
  /** This process has recorded the intent to create and has made no call since. */
  intentFresh = false;
  /** Its row was found to be due while something else was done for it. */
  missed = false;

  constructor(row: TargetObject) {
    this.key = keyOf(row);
    this.row = row;
  }

  get hasWork(): boolean {
    return this.stateDue || this.membersDue !== undefined || this.referencesDue;
  }

  /** More memberships are to be sent. */
  addMembers({ edges, lane }: MembersDue): void {
    const { edges: before, lane: laneBefore } = this.membersDue ?? { edges: 0, lane };
    const moreUrgent = LANES.indexOf(lane) < LANES.indexOf(laneBefore) ? lane : laneBefore;
    this.membersDue = { edges: before + edges, lane: moreUrgent };
  }

  /** Takes over a newer desired state. Answers false where it is not newer. */
  desire(row: TargetObject): boolean {
    const { sequence, config } = this.row.version;
    if (row.version.sequence < sequence || (row.version.sequence === sequence && row.version.config <= config))
      return false;
    const { createIntended, applied, targetId, targetVersion, removedVersion, lastOutcome } = this.row;
    this.row = { ...row, createIntended, applied, targetId, targetVersion, removedVersion, lastOutcome };
    // What was recorded before a create says what the account may have: something else by now.
    this.intentFresh = false;
    this.stateDue = true;
    return true;
  }
}
