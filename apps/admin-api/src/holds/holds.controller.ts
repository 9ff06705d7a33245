import { Controller, Inject } from '@nestjs/common';
import { ConfigurationStore } from '@provisor/persistence';
import type { EndpointInput } from '../http/endpoint.js';
import { notFound, unavailable } from '../http/problem.js';
import { Input, Route } from '../http/route.decorator.js';
import { STATUS_SOURCE, type StatusSource } from '../status/status-source.js';
import * as endpoints from './holds.endpoints.js';
import { holdsPage, type HoldsPage } from './holds.endpoints.js';

@Controller()
export class HoldsController {
  readonly #configuration: ConfigurationStore;
  readonly #dispatchers: StatusSource;

  constructor(
    @Inject(ConfigurationStore) configuration: ConfigurationStore,
    @Inject(STATUS_SOURCE) dispatchers: StatusSource,
  ) {
    this.#configuration = configuration;
    this.#dispatchers = dispatchers;
  }

  @Route(endpoints.listHolds)
  async listHolds(
    @Input(endpoints.listHolds) { params: { name }, query }: EndpointInput<typeof endpoints.listHolds>,
  ): Promise<HoldsPage> {
    const answer = await this.#dispatchers.holds(name, parametersOf(query));
    if (answer.kind === 'known') {
      const page = holdsPage.safeParse(answer.state);
      if (page.success) return page.data;
      throw unavailable('A dispatcher gives an answer of another form.');
    }
    const stored = await this.#configuration.find('SpConnection', name);
    if (stored === undefined) throw notFound(`There is no SP connection "${name}".`);
    if (answer.kind === 'no-answer') throw unavailable(answer.reason);
    // No dispatcher has had anything to do for it yet.
    return { spConnection: name, total: 0, counts: NOTHING, oldestSince: null, holds: [] };
  }
}

const NOTHING: HoldsPage['counts'] = { delete: 0, disable: 0, blank: 0, 'remove-member': 0 };

function parametersOf(query: EndpointInput<typeof endpoints.listHolds>['query']): URLSearchParams {
  const { kind, objectId, groupId, cursor, limit } = query;
  const parameters = new URLSearchParams({ limit: String(limit) });
  for (const one of [kind ?? []].flat()) parameters.append('kind', one);
  for (const one of [objectId ?? []].flat()) parameters.append('objectId', one);
  if (groupId !== undefined) parameters.set('groupId', groupId);
  if (cursor !== undefined) parameters.set('cursor', cursor);
  return parameters;
}
