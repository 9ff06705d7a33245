import type { Fault } from './fault.js';
import { killCapture } from './f01-kill-capture.js';
import { killMapping } from './f02-kill-mapping.js';
import { killDispatcher } from './f03-kill-dispatcher.js';
import { killAdminApi } from './f04-kill-admin-api.js';
import { killAll } from './f05-kill-all.js';
import { zombie } from './f06-zombie.js';
import { killBroker } from './f07-broker.js';
import { troubledDatabase } from './f09-database.js';
import { partition } from './f11-partition.js';
import { troubledDirectory } from './f12-directory.js';
import { unreliableEmitter } from './f14-emitter.js';
import { duplicates } from './f15-duplicates.js';
import { replay } from './f16-replay.js';
import { rebalances } from './f17-rebalances.js';
import { lostAnswer } from './f18-lost-answer.js';
import { conflict } from './f19-conflict.js';
import { halfDone } from './f20-half-done.js';
import { throttled } from './f21-throttled.js';
import { oddAnswers } from './f22-odd-answers.js';
import { tokenRevoked } from './f23-token-revoked.js';
import { massRemoval } from './f29-mass-removal.js';
import { leaverRace } from './f30-leaver-race.js';
import { everything } from './f34-everything.js';

/** These need nothing but time, and none of them undoes what another one does. */
const TOGETHER: readonly Fault[] = [
  partition,
  killCapture,
  killMapping,
  lostAnswer,
  throttled,
  oddAnswers,
  duplicates,
  leaverRace,
];

/** In the order of the fault matrix. */
export const ALL_FAULTS: readonly Fault[] = [
  killCapture,
  killMapping,
  killDispatcher,
  killAdminApi,
  killAll,
  zombie,
  killBroker,
  troubledDatabase,
  partition,
  troubledDirectory,
  unreliableEmitter,
  duplicates,
  replay,
  rebalances,
  lostAnswer,
  conflict,
  halfDone,
  throttled,
  oddAnswers,
  tokenRevoked,
  massRemoval,
  leaverRace,
  everything(TOGETHER),
];

/** One of each kind: an answer, a process. */
export const QUICK_FAULTS: readonly Fault[] = [lostAnswer, killDispatcher];
