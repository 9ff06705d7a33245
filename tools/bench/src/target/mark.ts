/** Values that tell one write from the next carry a number; the target's ledger notes them. */
export const MARK = /bm-\d+/g;
export const mark = (number: number): string => `bm-${number}`;
export const numberOf = (text: string): number => Number(text.slice(3));
