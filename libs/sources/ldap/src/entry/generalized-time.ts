import type { SourceInstant } from '@provisor/provisioning';

const PATTERN = /^(\d{4})(\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})?)?(?:[.,](\d+))?(Z|[+-]\d{2}(?:\d{2})?)$/;

/** Reads an LDAP generalized time (RFC 4517 section 3.3.13); undefined for anything else. */
export function parseGeneralizedTime(text: string): SourceInstant | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone = 'Z'] = match;
  const unit = second !== undefined ? 1000 : minute !== undefined ? 60_000 : 3_600_000;
  const ms =
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute ?? 0), Number(second ?? 0)) +
    (fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * unit)) -
    offsetMs(zone);
  const at = new Date(ms);
  if (Number.isNaN(ms) || Number(month) > 12 || Number(day) > 31 || Number(hour) > 23) return undefined;
  return { at, subSecond: second !== undefined && fraction !== undefined };
}

/** The instant as a directory compares it, to the second. */
export const formatGeneralizedTime = (at: Date): string => `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;

function offsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5) || 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
