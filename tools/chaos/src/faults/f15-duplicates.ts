import { identityChanges, provisioningCommands, provisioningResults } from '@provisor/contracts';
import type { Fault } from './fault.js';
import { RawTopics, type RawMessage } from './raw-records.js';

const TOPICS = [identityChanges.name, provisioningCommands('scim').name, provisioningResults.name];
const MOST_COPIES = 5;
/** Of the newest records of each topic; older ones are in F16. */
const MOST_RECORDS = 1_000;

export const duplicates: Fault = {
  id: 'F15',
  title: 'every record once to five times more, in another order',
  heals: 'nothing: the copies stay',
  async inject(context) {
    const { world, random } = context;
    const raw = new RawTopics(world);
    for (const topic of TOPICS) {
      const records = (await raw.read(topic)).slice(-MOST_RECORDS);
      const copies = records.flatMap((record): RawMessage[] =>
        Array.from({ length: 1 + random.below(MOST_COPIES) }, () => record),
      );
      await raw.send(topic, random.sample(copies, copies.length));
      context.say(`${copies.length} copies on ${topic}`);
    }
  },
};
