import { Controller, Inject } from '@nestjs/common';
import { ConfigurationStore } from '@provisor/persistence';
import { ControlDesk } from '../control/control-desk.js';
import type { EndpointInput } from '../http/endpoint.js';
import { notFound, unavailable } from '../http/problem.js';
import { Input, Route } from '../http/route.decorator.js';
import { STATUS_SOURCE, type StatusSource } from '../status/status-source.js';
import * as endpoints from './reconciliations.endpoints.js';

@Controller()
export class ReconciliationsController {
  readonly #configuration: ConfigurationStore;
  readonly #dispatchers: StatusSource;
  readonly #desk: ControlDesk;

  constructor(
    @Inject(ConfigurationStore) configuration: ConfigurationStore,
    @Inject(STATUS_SOURCE) dispatchers: StatusSource,
    @Inject(ControlDesk) desk: ControlDesk,
  ) {
    this.#configuration = configuration;
    this.#dispatchers = dispatchers;
    this.#desk = desk;
  }

  @Route(endpoints.reconcileConnection)
  reconcile(
    @Input(endpoints.reconcileConnection)
    { params, body, caller }: EndpointInput<typeof endpoints.reconcileConnection>,
  ) {
    return this.#desk.send({ action: 'reconcile', spConnection: params.name, ...body }, caller);
  }

  @Route(endpoints.listReconciliations)
  async list(
    @Input(endpoints.listReconciliations) { params, query }: EndpointInput<typeof endpoints.listReconciliations>,
  ): Promise<endpoints.ReconciliationPage> {
    const answer = await this.#dispatchers.reconciliations(
      params.name,
      new URLSearchParams({ limit: String(query.limit) }),
    );
    if (answer.kind === 'no-answer') throw unavailable(answer.reason);
    const state: unknown = answer.kind === 'known' ? answer.state : { reconciliations: [] };
    const page = endpoints.reconciliationPage.safeParse(state);
    if (!page.success) throw unavailable('A dispatcher gives an answer of another form.');
    if (page.data.reconciliations.length > 0) return page.data;
    if ((await this.#configuration.find('SpConnection', params.name)) !== undefined) return page.data;
    throw notFound(`There is no SP connection "${params.name}".`);
  }
}
