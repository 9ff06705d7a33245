/** @throws an error that names `what` when it takes longer */
export function within<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Not within ${ms / 1000} s: ${what}.`)), ms);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
