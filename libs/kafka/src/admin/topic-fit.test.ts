import { describe, expect, it } from 'vitest';
import { topicMisfits } from './topic-fit.js';

const contract = {
  name: 'things.v1',
  config: { 'cleanup.policy': 'compact', 'retention.ms': '1000', 'max.message.bytes': '500' },
};

describe('topicMisfits', () => {
  it('finds nothing where the broker keeps more than is asked for', () => {
    const actual = { 'cleanup.policy': 'compact', 'retention.ms': '-1', 'max.message.bytes': '501' };
    expect(topicMisfits(contract, 'x.things.v1', actual)).toEqual([]);
  });

  it('has a sentence for each misfit and calls a wrong clean-up fatal', () => {
    const actual = { 'cleanup.policy': 'delete', 'retention.ms': '10', 'max.message.bytes': '500' };
    const misfits = topicMisfits(contract, 'x.things.v1', actual);
    expect(misfits.map(({ setting, fatal }) => [setting, fatal])).toEqual([
      ['cleanup.policy', true],
      ['retention.ms', false],
    ]);
    expect(misfits[0]?.sentence).toMatch(/x\.things\.v1 has cleanup\.policy=delete, but compact is needed/);
  });
});
