import { Controller, Inject } from '@nestjs/common';
import type { DeadLetter } from '@provisor/contracts';
import { DeadLetterStore } from '@provisor/persistence';
import type { EndpointInput } from '../http/endpoint.js';
import { notFound } from '../http/problem.js';
import { Input, Route } from '../http/route.decorator.js';
import * as endpoints from './dead-letters.endpoints.js';

@Controller()
export class DeadLettersController {
  readonly #letters: DeadLetterStore;

  constructor(@Inject(DeadLetterStore) letters: DeadLetterStore) {
    this.#letters = letters;
  }

  @Route(endpoints.listDeadLetters)
  async listDeadLetters(@Input(endpoints.listDeadLetters) { query }: EndpointInput<typeof endpoints.listDeadLetters>) {
    const { cursor, stage, limit } = query;
    const found = await this.#letters.list({
      limit,
      ...(cursor === undefined ? {} : { before: cursor }),
      ...(stage === undefined ? {} : { stage }),
    });
    const last = found.at(-1);
    return {
      deadLetters: found.map(({ letter }) => headOf(letter)),
      ...(last && found.length === limit ? { next: last.seq } : {}),
    };
  }

  @Route(endpoints.getDeadLetter)
  async getDeadLetter(@Input(endpoints.getDeadLetter) { params }: EndpointInput<typeof endpoints.getDeadLetter>) {
    const letter = await this.#letters.find(params.id);
    if (!letter) throw notFound(`There is no dead letter "${params.id}".`);
    return letter;
  }
}

/** Everything but the record itself. */
const headOf = ({ id, stage, cause, origin, valueBytes, failedAt }: DeadLetter) => ({
  id,
  stage,
  cause,
  origin,
  valueBytes,
  failedAt,
});
