export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string;
  readonly align?: 'left' | 'right';
  /** Adds colour; gets the padded text. */
  readonly paint?: (text: string, row: T) => string;
}

/** Rows in aligned columns, titles above. Control characters in values are shown as `?`, so that data cannot steer the terminal. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cells = rows.map((row) => columns.map(({ value }) => printable(value(row))));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const pad = (text: string, index: number) => {
    const width = widths[index] ?? 0;
    if (columns[index]?.align === 'right') return text.padStart(width);
    return index === columns.length - 1 ? text : text.padEnd(width);
  };
  const header = columns.map(({ title }, index) => pad(title, index)).join('  ');
  const lines = rows.map((row, line) =>
    columns
      .map(({ paint }, index) => {
        const text = pad(cells[line]?.[index] ?? '', index);
        return paint ? paint(text, row) : text;
      })
      .join('  '),
  );
  return `${[header.trimEnd(), ...lines].join('\n')}\n`;
}

/** Text without control characters (Cc) and without those that turn the direction of writing (Cf). */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?');
