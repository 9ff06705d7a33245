import type { Fault } from './fault.js';
import { killCapture } from './f01-kill-capture.js';
import { killMapping } from './f02-kill-mapping.js';
import { killDispatcher } from './f03-kill-dispatcher.js';
import { killAdminApi } from './f04-kill-admin-api.js';
import { killAll } from './f05-kill-all.js';
import { lostAnswer } from './f18-lost-answer.js';

/** In the order of the fault matrix. */
export const ALL_FAULTS: readonly Fault[] = [
  killCapture,
  killMapping,
  killDispatcher,
  killAdminApi,
  killAll,
  lostAnswer,
];

/** One of each kind: a process, all processes, an answer. */
export const QUICK_FAULTS: readonly Fault[] = [lostAnswer, killDispatcher, killAll];
