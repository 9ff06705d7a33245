import type { Toxics } from '@provisor/e2e';
import type { FaultKind } from '@provisor/testing';
import { VICTIM } from '../world/world.js';
import type { Fault } from './fault.js';

const ANSWERS: readonly (readonly [string, FaultKind])[] = [
  ['answers after the time-out', { kind: 'delay', ms: 5_000 }],
  ['10 MB of text', { kind: 'status', status: 200, body: 'text', detail: 'x'.repeat(10_000_000), effect: true }],
  ['a web page with 200', { kind: 'status', status: 200, body: 'html', effect: true }],
  ['JSON that stops in the middle', { kind: 'truncated' }],
  ['accounts without an id', { kind: 'without-id' }],
  ['a redirect', { kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: 'empty' }],
  ['an empty 200', { kind: 'status', status: 200, body: 'empty', effect: true }],
];
const WAYS: readonly (readonly [string, Toxics])[] = [
  ['a black hole', { silent: 'up' }],
  ['no answer', { silent: 'down' }],
  ['a trickle', { bytesPerSecond: 400, sliceBytes: 20 }],
];

export const oddAnswers: Fault = {
  id: 'F22',
  title: 'time-outs, black hole, trickle, 10 MB answer, wrong content type, malformed JSON, missing id, redirect',
  heals: 'the target answers as it should after 3–12 s',
  async inject(context) {
    const { world, random } = context;
    const { gate } = world.installation.provider(VICTIM);
    const choice = random.below(ANSWERS.length + WAYS.length);
    const way = WAYS[choice - ANSWERS.length];
    const [name, answer] = ANSWERS[choice] ?? ANSWERS[0]!;
    if (way === undefined) world.victim.faults.add({ ...answer, times: 3 + random.below(15) });
    else gate.poison(way[1], () => random.next());
    const milliseconds = await context.wait(3_000, 12_000);
    gate.poison({});
    world.victim.faults.clear();
    await context.wait(200, 500);
    await world.retryFailed();
    context.say(`${way?.[0] ?? name} for ${milliseconds} ms`);
  },
};
