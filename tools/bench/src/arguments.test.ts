import { expect, test } from 'vitest';
import { commandOf, HELP, parseArguments } from './arguments.js';

test('benchmarks are named, in any case, or all of them; the quick form unless told otherwise', () => {
  const { benchmarks, form, seed } = parseArguments(['b1', 'B14']);
  expect(benchmarks.map(({ id }) => id)).toEqual(['B1', 'B14']);
  expect({ form, seed }).toEqual({ form: 'quick', seed: '1' });
  expect(parseArguments(['--all', '--full']).benchmarks.map(({ id }) => id)).toEqual([
    'B1',
    'B2',
    'B4',
    'B5',
    'B6',
    'B7',
    'B10',
    'B13',
    'B14',
  ]);
});

test('what cannot be meant is refused with a sentence', () => {
  expect(() => parseArguments([])).toThrow('Name benchmarks, or --all.');
  expect(() => parseArguments(['B99'])).toThrow('There is no benchmark B99. There are B1, B2,');
  expect(() => parseArguments(['B1', '--quick', '--full'])).toThrow('Only one of');
  expect(() => parseArguments(['B1', '--smoke', '--publish'])).toThrow('not for publishing');
});

test('the help names every benchmark with its goal', () => {
  for (const { id, goal } of parseArguments(['--all']).benchmarks) {
    expect(HELP).toContain(id);
    expect(HELP).toContain(goal);
  }
});

test('the command that is published measures the same elsewhere and names no folder of this machine', () => {
  expect(commandOf(parseArguments(['b2', 'B1', '--dir', '/somewhere', '--publish']))).toBe(
    'npm run bench -- B2 B1 --quick --publish',
  );
  expect(commandOf(parseArguments(['--all', '--full', '--seed', '7']))).toBe('npm run bench -- --all --full --seed 7');
});
