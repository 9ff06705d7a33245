import { Controller, Inject, Res } from '@nestjs/common';
import type { OutcomeKind } from '@provisor/contracts';
import { ResultStore } from '@provisor/persistence';
import type { FastifyReply } from 'fastify';
import type { EndpointInput } from '../http/endpoint.js';
import { Problem } from '../http/problem.js';
import { Input, Route } from '../http/route.decorator.js';
import * as endpoints from './results.endpoints.js';
import { ResultFeed } from './result-feed.js';

/** Requests that may wait at once; each holds a connection. */
const MAX_FOLLOWERS = 200;

@Controller()
export class ResultsController {
  readonly #results: ResultStore;
  readonly #feed: ResultFeed;
  #followers = 0;

  constructor(@Inject(ResultStore) results: ResultStore, @Inject(ResultFeed) feed: ResultFeed) {
    this.#results = results;
    this.#feed = feed;
  }

  @Route(endpoints.listResults)
  async listResults(@Input(endpoints.listResults) { query }: EndpointInput<typeof endpoints.listResults>) {
    const found = await this.#results.list({
      ...filterOf(query),
      ...(query.since === undefined ? {} : { since: new Date(query.since) }),
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
      order: 'newest-first',
      limit: query.limit,
    });
    const last = found.at(-1);
    return {
      results: found.map(({ result }) => result),
      ...(last && found.length === query.limit ? { next: last.seq } : {}),
    };
  }

  @Route(endpoints.followResults)
  async followResults(
    @Input(endpoints.followResults) { query }: EndpointInput<typeof endpoints.followResults>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { cursor } = query;
    if (cursor === undefined) return this.#begin(query);
    if (this.#followers >= MAX_FOLLOWERS)
      throw new Problem(429, 'too-many-followers', {
        detail: 'Too many requests wait for results already.',
        headers: { 'retry-after': '5' },
      });
    this.#followers += 1;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    try {
      const { limit, waitSeconds } = query;
      const wait = { cursor, limit, waitMs: waitSeconds * 1000, signal: gone.signal };
      const found = await this.#feed.follow({ filter: filterOf(query), ...wait });
      return { results: found.map(({ result }) => result), cursor: found.at(-1)?.seq ?? cursor };
    } finally {
      this.#followers -= 1;
    }
  }

  /** The cursor is read first: what arrives between the two reads is told by the next request rather than lost. */
  async #begin(query: EndpointInput<typeof endpoints.followResults>['query']) {
    const cursor = await this.#results.end();
    if (query.tail === 0) return { results: [], cursor };
    const before = String(BigInt(cursor) + 1n);
    const newest = await this.#results.list({
      ...filterOf(query),
      cursor: before,
      order: 'newest-first',
      limit: query.tail,
    });
    return { results: newest.toReversed().map(({ result }) => result), cursor };
  }
}

function filterOf(query: {
  spConnection?: string | undefined;
  objectId?: string | undefined;
  outcome?: OutcomeKind[] | undefined;
}) {
  return {
    ...(query.spConnection === undefined ? {} : { spConnection: query.spConnection }),
    ...(query.objectId === undefined ? {} : { objectId: query.objectId }),
    ...(query.outcome === undefined ? {} : { outcomes: query.outcome }),
  };
}
