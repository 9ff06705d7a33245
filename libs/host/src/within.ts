/** The outcome of `work` if it comes within `ms` milliseconds, else a rejection with `message`. The work itself goes on. */
export async function within<T>(ms: number, work: Promise<T>, message: string): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(message)), ms);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
