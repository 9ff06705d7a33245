import type { World } from '../world/world.js';
import { checkAccounting } from './accounting.js';
import { checkConvergence } from './convergence.js';
import { checkIdleWrites } from './idle-writes.js';
import { checkLedger } from './ledger.js';
import { checkLimits } from './limits.js';

/** Holds what happened against what must hold. Violations go into the world. */
export function check(world: World): void {
  checkConvergence(world);
  checkLedger(world);
  checkIdleWrites(world);
  checkAccounting(world);
  checkLimits(world);
}
