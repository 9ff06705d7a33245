export type CaptureState =
  'standby' | 'starting' | 'initial-read' | 'live' | 'comparing' | 'suspect' | 'unreachable' | 'stopped';

/** What people are told about the capture of a data store. */
export interface CaptureStatus {
  readonly state: CaptureState;
  /** When this state began. */
  readonly since: string;
  /** In words: why it is suspect or not reachable, what is being done. */
  readonly reason?: string;
  /** Objects read so far in the full read that is going on. */
  readonly read?: number;
  readonly feed?: string;
  readonly notes?: readonly string[];
  /** Changes that the data store has reported and that are not captured yet. */
  readonly behind?: number;
  readonly lastComparison?: Readonly<Record<string, unknown>>;
}

/** Keeps the status of one data store and notes when its state changed. */
export class StatusBoard {
  private readonly now: () => Date;
  private current: CaptureStatus;

  constructor(now: () => Date) {
    this.now = now;
    this.current = { state: 'starting', since: now().toISOString() };
  }

  get status(): CaptureStatus {
    return this.current;
  }

  /** Removals are trusted and the data store answers. */
  get healthy(): boolean {
    return ['initial-read', 'live', 'comparing', 'standby'].includes(this.current.state);
  }

  enter(state: CaptureState, reason?: string): void {
    const { reason: before, read, ...kept } = this.current;
    void before;
    void read;
    const since = state === this.current.state ? this.current.since : this.now().toISOString();
    this.current = { ...kept, state, since, ...(reason === undefined ? {} : { reason }) };
  }

  note(facts: Omit<Partial<CaptureStatus>, 'state' | 'since'>): void {
    this.current = { ...this.current, ...facts };
  }
}
