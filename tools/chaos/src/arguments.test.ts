import { expect, test } from 'vitest';
import { parseArguments, replayOf } from './arguments.js';

const KNOWN = ['F1', 'F6'];

test('a run is repeated by the command that it prints', () => {
  const args = parseArguments(['--fault', 'f6,F1', '--rounds', '3', '--users', '50'], KNOWN);
  const command = replayOf(args, 'abc');
  expect(command).toBe('npm run chaos -- --fault F6,F1 --seed abc --rounds 3 --users 50');
  expect(parseArguments(command.split(' ').slice(4), KNOWN)).toEqual({ ...args, seed: 'abc' });
});

test('what is wrong with the arguments is said in a sentence', () => {
  expect(() => parseArguments(['--fault', 'F99'], KNOWN)).toThrow('There is no fault F99. There are F1, F6.');
  expect(() => parseArguments(['--minutes', 'soon'], KNOWN)).toThrow('--minutes has to be a number above 0, not soon.');
});
