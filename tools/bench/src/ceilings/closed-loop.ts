/** Keeps so many calls in flight for a time; gives the calls that ended per second. */
export async function closedLoop(call: () => Promise<void>, o: { inFlight: number; seconds: number }): Promise<number> {
  let ended = 0;
  const began = performance.now();
  const until = began + o.seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      await call();
      ended += 1;
    }
  };
  await Promise.all(Array.from({ length: o.inFlight }, worker));
  return (ended / (performance.now() - began)) * 1000;
}
