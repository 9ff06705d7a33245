import type { TargetAttributes } from '@provisor/contracts';

/** Values that a target's error message must not carry into a cause. */
export const secretsOf = ({ password }: TargetAttributes): readonly string[] =>
  typeof password === 'string' && password !== '' ? [password] : [];
