import type { HoldKind } from '@provisor/contracts';

/** Which open holds of an SP connection are meant: those that fit all that is given. */
export interface HoldSelection {
  readonly objectIds?: readonly string[] | undefined;
  readonly kinds?: readonly HoldKind[] | undefined;
  /** Only the ends of memberships of this group. */
  readonly groupId?: string | undefined;
}

/** A selection as parameters $1 to $4 of a statement. */
export const selectionParameters = (
  spConnection: string,
  { objectIds, kinds, groupId }: HoldSelection,
): readonly unknown[] => [spConnection, objectIds ?? null, kinds ?? null, groupId ?? null];

/** Condition for open rows of `holds h`; they are of objects, so none of them fits a group. */
export const OBJECT_HOLDS = `h.sp_connection = $1 and h.decision is null and ($2::text[] is null or h.object_id = any($2::text[]))
  and ($3::text[] is null or h.how = any($3::text[])) and $4::text is null`;

/** Condition for rows of `edges e` that a guard has stopped. */
export const EDGE_HOLDS = `e.sp_connection = $1 and e.held_at is not null and ($2::text[] is null or e.member_id = any($2::text[]))
  and ($3::text[] is null or 'remove-member' = any($3::text[])) and ($4::text is null or e.other_id = $4::text)`;
