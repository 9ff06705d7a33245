export { makePlan } from './plan/make-plan.js';
export { runPlan, type RunReport } from './run/run-plan.js';
