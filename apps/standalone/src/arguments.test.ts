import { expect, test } from 'vitest';
import { parseArguments } from './arguments.js';

test('has defaults for everything', () => {
  expect(parseArguments([])).toEqual({
    config: [],
    data: '.provisor',
    port: 3000,
    log: undefined,
    help: false,
  });
});

test('takes several configuration files', () => {
  expect(parseArguments(['--config', 'a.yaml', '-f', 'b.yaml']).config).toEqual(['a.yaml', 'b.yaml']);
});

test.each(['0', 'x', '70000', '3000.5'])('refuses %s as a port and says what it has to be', (port) => {
  expect(() => parseArguments(['--port', port])).toThrow(`--port has to be a number from 1 to 65535, not ${port}.`);
});

test('refuses what it does not know', () => {
  expect(() => parseArguments(['--nonsense'])).toThrow(/nonsense/);
});
