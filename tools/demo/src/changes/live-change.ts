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

/** What the dispatcher calls the write that a change of a kind leads to. */
export const OPERATIONS: Readonly<Record<ChangeKind, string>> = {
  'change of mail address': 'update',
  'rename and move': 'update',
  'addition to a group': 'add-members',
  'removal from a group': 'remove-members',
  disabling: 'disable',
  deletion: 'delete',
  'new person': 'create',
};

export interface MeasuredChange {
  readonly change: LiveChange;
  /** From the directory's acknowledgement until the service provider's 2xx; undefined when neither it nor the sight came in time. */
  readonly latencyMs: number | undefined;
  /** From the directory's acknowledgement until the service provider, asked by the demo itself, showed it. */
  readonly shownMs: number | undefined;
}

/** Finds when the service provider acknowledged a write: wall clock in milliseconds, as the results topic tells it. */
export type Acknowledgement = (operation: string, since: Date) => Promise<number | undefined>;

/** Pause between two questions to the service provider, which has the write to do meanwhile. */
const ASK_EVERY_MS = 20;

/**
 * Makes the change, asks the service provider until it shows it, and then looks up when its 2xx came. The sight proves the 2xx: where
 * the service provider shows nothing there is no figure. `shownMs` is an upper bound.
 */
export async function measure(
  change: LiveChange,
  acknowledgement: Acknowledgement,
  timeoutMs: number,
): Promise<MeasuredChange> {
  const begun = new Date();
  await change.make();
  const [made, madeAt] = [performance.now(), Date.now()];
  const open = (): boolean => performance.now() - made < timeoutMs;
  while (!(await change.arrived())) {
    if (!open()) return { change, latencyMs: undefined, shownMs: undefined };
    await pause();
  }
  const shownMs = performance.now() - made;
  let acknowledged = await acknowledgement(OPERATIONS[change.kind], begun);
  while (acknowledged === undefined && open()) {
    await pause();
    acknowledged = await acknowledgement(OPERATIONS[change.kind], begun);
  }
  return { change, latencyMs: acknowledged === undefined ? undefined : Math.max(0, acknowledged - madeAt), shownMs };
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
