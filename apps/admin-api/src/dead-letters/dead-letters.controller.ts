import { Controller, Inject } from '@nestjs/common';
import { DeadLetterStore, type DeadLetterFilter, type StoredDeadLetter } from '@provisor/persistence';
import type { EndpointInput } from '../http/endpoint.js';
import { notFound } from '../http/problem.js';
import { Input, Route } from '../http/route.decorator.js';
import * as endpoints from './dead-letters.endpoints.js';
import { explainLetter } from './explain-letter.js';
import { Replays } from './replays.js';

const MOST_REPLAYED = 500;

@Controller()
export class DeadLettersController {
  readonly #letters: DeadLetterStore;
  readonly #replays: Replays;

  constructor(@Inject(DeadLetterStore) letters: DeadLetterStore, @Inject(Replays) replays: Replays) {
    this.#letters = letters;
    this.#replays = replays;
  }

  @Route(endpoints.listDeadLetters)
  async listDeadLetters(@Input(endpoints.listDeadLetters) { query }: EndpointInput<typeof endpoints.listDeadLetters>) {
    const { cursor, limit, state } = query;
    const found = await this.#letters.list({
      ...filterOf(query),
      limit,
      ...(state === undefined ? {} : { state }),
      ...(cursor === undefined ? {} : { before: cursor }),
    });
    const last = found.at(-1);
    return {
      deadLetters: found.map(headOf),
      ...(last && found.length === limit ? { next: last.seq } : {}),
    };
  }

  @Route(endpoints.getDeadLetter)
  async getDeadLetter(@Input(endpoints.getDeadLetter) { params }: EndpointInput<typeof endpoints.getDeadLetter>) {
    const found = await this.#letters.find(params.id);
    if (!found) throw notFound(`There is no dead letter "${params.id}".`);
    return { ...found.letter, ...fateOf(found), explanation: explainLetter(found) };
  }

  @Route(endpoints.replayDeadLetter)
  replayDeadLetter(
    @Input(endpoints.replayDeadLetter) { params, body, caller }: EndpointInput<typeof endpoints.replayDeadLetter>,
  ) {
    return this.#replays.one(params.id, { dryRun: body.dryRun, caller });
  }

  @Route(endpoints.replayDeadLetters)
  replayDeadLetters(
    @Input(endpoints.replayDeadLetters) { body, caller }: EndpointInput<typeof endpoints.replayDeadLetters>,
  ) {
    const { dryRun, limit = MOST_REPLAYED } = body;
    return this.#replays.matching(filterOf(body), { dryRun, limit, caller });
  }
}

interface AskedFilter {
  readonly stage?: string | undefined;
  readonly code?: string | undefined;
  readonly topic?: string | undefined;
  readonly spConnection?: string | undefined;
  readonly since?: string | undefined;
}

const filterOf = ({ stage, code, topic, spConnection, since }: AskedFilter): DeadLetterFilter => ({
  ...(stage === undefined ? {} : { stage }),
  ...(code === undefined ? {} : { code }),
  ...(topic === undefined ? {} : { topic }),
  ...(spConnection === undefined ? {} : { spConnection }),
  ...(since === undefined ? {} : { since: new Date(since) }),
});

/** Everything but the record itself. */
function headOf(stored: StoredDeadLetter) {
  const { id, stage, cause, origin, valueBytes, replayOf, failedAt } = stored.letter;
  const head = { id, stage, cause, origin, valueBytes, failedAt, ...(replayOf === undefined ? {} : { replayOf }) };
  return { ...head, ...fateOf(stored) };
}

const fateOf = ({ spConnection, replayedAt, replayedBy, failedAgainAs }: StoredDeadLetter) => ({
  ...(spConnection === null ? {} : { spConnection }),
  ...(replayedAt === null ? {} : { replayedAt: replayedAt.toISOString() }),
  ...(replayedBy === null ? {} : { replayedBy }),
  ...(failedAgainAs === null ? {} : { failedAgainAs }),
});
