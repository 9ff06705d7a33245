/** Most changes of one look. */
export const MOST_CHANGES = 200;
/** Fewest while many wait, so that what every look costs besides remains the smaller part. */
const FEWEST = 25;
const FIRST = 50;
/**
 * How long reading a chunk from the change log may take. Reading the entries and storing them takes about four times as long again, and
 * whoever leaves while many changes wait is looked for between two chunks.
 */
const WANTED_MS = 40;

/**
 * How many changes one look takes while many wait: as many as the directory, as busy as it is, can give in a short time. It begins small,
 * because the first look into a mass change would otherwise be the longest.
 */
export class ChunkSize {
  private size = FIRST;

  get present(): number {
    return this.size;
  }

  /** Told how long reading a chunk took, in milliseconds, and how many changes were left waiting. */
  read(tookMs: number, behind: number): void {
    if (behind === 0) {
      this.size = FIRST;
      return;
    }
    const fitting = (this.size * WANTED_MS) / Math.max(1, tookMs);
    this.size = Math.round(Math.min(MOST_CHANGES, this.size * 2, Math.max(FEWEST, fitting)));
  }
}
