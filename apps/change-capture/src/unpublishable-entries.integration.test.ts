import { until } from '@provisor/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureWorld, STORE, timeUntilSeen, userDn, userId } from './change-capture.fixture.js';

let world: CaptureWorld;
beforeEach(async () => {
  world = await CaptureWorld.open();
});
afterEach(() => world.close());

describe('entries that cannot be published', () => {
  it('become dead letters, and their neighbours go on', async () => {
    await world.load();
    await world.change(userDn(30), 'replace', 'description', ['x'.repeat(1_100_000)]);
    await timeUntilSeen(
      'the neighbour',
      () => world.change(userDn(31), 'replace', 'sn', ['Neighbour']),
      () => world.user(31)?.attributes?.['sn']?.[0] === 'Neighbour',
    );
    expect(world.user(30)?.attributes).not.toHaveProperty('description');
    const [letter] = await until('the dead letter', async () => {
      const letters = await world.deadLetters();
      return letters.length > 0 && letters;
    });
    expect(letter).toMatchObject({
      stage: 'capture',
      cause: { code: 'record.too-large' },
      origin: { key: `${STORE}:${userId(30)}` },
    });
    await world.change(userDn(30), 'replace', 'description', ['short']);
    await until('the entry itself again', () => world.user(30)?.attributes?.['description']?.[0] === 'short');
  });
});
