import type { FaultKind } from '@provisor/testing';
import type { Fault } from './fault.js';

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString();

/** What a service provider says when it has had enough, and when it is not itself. */
const ANSWERS: readonly (readonly [string, () => FaultKind])[] = [
  ['429 with Retry-After', () => ({ kind: 'throttle', seconds: 1, style: 'retry-after' })],
  ['429 with a date', () => ({ kind: 'throttle', seconds: 2, style: 'retry-after-date' })],
  ['429 without a delay', () => ({ kind: 'throttle', seconds: 1, style: 'none' })],
  ['429 with a reset time', () => ({ kind: 'throttle', seconds: 1, style: 'x-ratelimit-reset' })],
  ['429 with nonsense', () => ({ kind: 'status', status: 429, headers: { 'retry-after': 'soon' } })],
  [
    '429 with a date of the past',
    () => ({ kind: 'status', status: 429, headers: { 'retry-after': inSeconds(-3600) } }),
  ],
  ['503 with Retry-After', () => ({ kind: 'status', status: 503, headers: { 'retry-after': '1' } })],
  ['503', () => ({ kind: 'status', status: 503, body: 'empty' })],
  ['502 as a web page', () => ({ kind: 'status', status: 502, body: 'html' })],
  ['500 although it was carried out', () => ({ kind: 'status', status: 500, effect: true, body: 'text' })],
];

export const throttled: Fault = {
  id: 'F21',
  title: '429 with, without and with odd `Retry-After`; 503; 502 as a web page; 500 after the effect',
  heals: 'the target answers again after 2–8 s',
  async inject(context) {
    const { world, random } = context;
    const [name, answer] = random.pick(ANSWERS);
    const times = 2 + random.below(20);
    world.victim.faults.add({ ...answer(), times });
    const milliseconds = await context.wait(2_000, 8_000);
    const hit = times - world.victim.faults.pending;
    world.victim.faults.clear();
    context.say(`${name}, ${hit > 0 ? 'up to ' : ''}${times} times within ${milliseconds} ms`);
  },
};
