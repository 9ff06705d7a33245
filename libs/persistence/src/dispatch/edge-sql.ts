import { MEMBER, NEVER, REJECTED_CODE } from './edge.js';
import { isoOf } from './target-object.js';

/**
 * Joins and conditions of an edge that can be sent: both ends are linked, except that a reference can be cleared without its end.
 * Of whoever leaves the account comes first: as long as that waits, is held, or was kept by a person, the edges stay as they are.
 */
export const RUNNABLE = `
  join target_objects m on m.sp_connection = e.sp_connection and m.object_id = e.member_id and m.target_id is not null
  left join target_objects o on o.sp_connection = e.sp_connection and o.object_id = e.other_id
  where e.desired <> e.applied
    and (o.target_id is not null or (e.kind <> '${MEMBER}' and not e.desired))
    and (not e.desired or m.desired ->> 'presence' <> 'absent')
    and (m.desired ->> 'presence' = 'active' or not (m.state in ('pending', 'held')
      or (m.state = 'skipped' and m.last_outcome ->> 'code' = '${REJECTED_CODE}')))`;

/** An edge that was never tried is due whatever the clock says: the one that set the time may have been ahead. */
export const due = (now: string): string =>
  `(e.next_attempt_at <= ${now} or (e.attempt = 0 and e.next_attempt_at < '${isoOf(NEVER)}'))`;

export const BY_OWNER = `
  select e.sp_connection, e.kind = '${MEMBER}' as members,
    case when e.kind = '${MEMBER}' then e.other_id else e.member_id end as object_id, count(*)::int as edges, min(m.lane) as lane`;

/** Whoever changes such an edge before its answer has come assumes the opposite of what is wanted then. */
export const MARKED = `marked as (
         update edges e set unsure = true from handed h
         where (e.sp_connection, e.member_id, e.kind, e.other_id) = (h.sp_connection, h.member_id, h.kind, h.other_id)
           and not e.unsure)`;

/** An edge that failed or is held has a time to come; whatever else is done to it, its time is when it was done. */
export const settledBefore = (at: string): string => `(not e.unsure and e.next_attempt_at < ${at})`;
