import { LANES, type Lane } from '@provisor/contracts';

export const moreUrgent = (a: Lane, b: Lane): Lane => (LANES.indexOf(a) <= LANES.indexOf(b) ? a : b);
