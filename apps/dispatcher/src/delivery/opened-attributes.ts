import { randomInt } from 'node:crypto';
import type { GeneratedValue, SealedValue, TargetAttributes, TargetValue } from '@provisor/contracts';
import type { CallOutcome, TargetObjectState } from '@provisor/provisioning';

/** Opens a sealed value. Rejects if it does not open. */
export type ValueOpener = (value: SealedValue) => Promise<string>;

const CLASSES = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '!#%*+-.:=?@_'] as const;
const ALL = CLASSES.join('');

/** A random text from a CSPRNG with at least one upper-case and one lower-case letter, one digit and one sign. */
export function generateValue(length: number): string {
  const signs = Array.from({ length }, (_, index) => {
    const from = CLASSES[index] ?? ALL;
    return from.charAt(randomInt(from.length));
  });
  // Fisher-Yates, so that the place of a class tells nothing.
  for (let last = signs.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [signs[last], signs[other]] = [signs[other] ?? '', signs[last] ?? ''];
  }
  return signs.join('');
}

/** Attributes as they are sent: sealed values opened, generated values made. The result must not be kept. */
export async function openAttributes(attributes: TargetAttributes, open: ValueOpener): Promise<TargetAttributes> {
  if (!Object.values(attributes).some((value) => isSealedValue(value) || isGeneratedValue(value))) return attributes;
  const opened = await Promise.all(
    Object.entries(attributes).map(async ([path, value]) => [path, await openedValue(value, open)] as const),
  );
  return Object.fromEntries(opened);
}

/** The same, with the outcome of an attempt whose values do not open. */
export async function openedOrRefused(
  attributes: TargetAttributes,
  open: ValueOpener,
): Promise<{ readonly attributes: TargetAttributes } | { readonly refused: CallOutcome }> {
  try {
    return { attributes: await openAttributes(attributes, open) };
  } catch (error) {
    return {
      refused: {
        kind: 'halted',
        code: 'secret.unreadable',
        cause: error instanceof Error ? error.message : 'A masked value does not open.',
        remedy: 'Give the dispatcher the PROVISOR_KEY that mapping has.',
      },
    };
  }
}

/** Attributes that may be compared with what a target shows: neither sealed nor generated. */
export function plainAttributes(attributes: TargetAttributes): TargetAttributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => !isSealedValue(value) && !isGeneratedValue(value)),
  );
}

async function openedValue(value: TargetValue, open: ValueOpener): Promise<TargetValue> {
  if (isSealedValue(value)) return open(value);
  return isGeneratedValue(value) ? generateValue(value.generate.length) : value;
}

const isSealedValue = (value: TargetValue): value is SealedValue =>
  typeof value === 'object' && !Array.isArray(value) && 'sealed' in value && 'digest' in value;

const isGeneratedValue = (value: TargetValue): value is GeneratedValue =>
  typeof value === 'object' && !Array.isArray(value) && 'generate' in value && typeof value.generate === 'object';

/** What is written by an update that sets `set`, and everything that is desired beside it, with sealed values opened. */
export async function openedUpdate(
  { desired, createOnly }: Pick<TargetObjectState, 'desired' | 'createOnly'>,
  set: TargetAttributes,
  open: ValueOpener,
): Promise<{ set: TargetAttributes; desired: TargetAttributes } | { refused: CallOutcome }> {
  const whole = Object.entries(desired.attributes ?? {}).filter(
    ([path, value]) => !createOnly.includes(path) && !isGeneratedValue(value),
  );
  const opened = await openedOrRefused(Object.fromEntries(whole), open);
  if ('refused' in opened) return opened;
  const { attributes } = opened;
  return {
    set: Object.fromEntries(Object.entries(set).map(([path, value]) => [path, attributes[path] ?? value])),
    desired: attributes,
  };
}
