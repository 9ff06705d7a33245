/** A change made in the directory, and how to tell that the service provider has it. */
export interface LiveChange {
  readonly kind: ChangeKind;
  /** What is done to whom. */
  readonly title: string;
  /** The object that it is about, where its id is known before. */
  readonly objectId?: string;
  make(): Promise<void>;
  /** Asks the service provider. */
  arrived(): Promise<boolean>;
}

export const CHANGE_KINDS = [
  'change of mail address',
  'rename and move',
  'addition to a group',
  'removal from a group',
  'disabling',
  'deletion',
  'new person',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface MeasuredChange {
  readonly change: LiveChange;
  /** From the directory's acknowledgement until the service provider showed it; undefined when it did not in time. */
  readonly latencyMs: number | undefined;
}

/**
 * Makes the change and asks the service provider, again and again without a pause, until it shows it. The figure is an upper bound: it
 * ends when the answer that shows the change has arrived.
 */
export async function measure(change: LiveChange, timeoutMs: number): Promise<MeasuredChange> {
  await change.make();
  const acknowledged = performance.now();
  while (performance.now() - acknowledged < timeoutMs) {
    if (await change.arrived()) return { change, latencyMs: performance.now() - acknowledged };
  }
  return { change, latencyMs: undefined };
}
