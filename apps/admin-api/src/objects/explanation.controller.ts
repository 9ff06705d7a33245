import { Controller, Inject } from '@nestjs/common';
import { ConfigurationStore } from '@provisor/persistence';
import type { EndpointInput } from '../http/endpoint.js';
import { notFound, unavailable } from '../http/problem.js';
import { Input, Route } from '../http/route.decorator.js';
import { STATUS_SOURCE, type StatusSource } from '../status/status-source.js';
import * as endpoints from './explanation.endpoints.js';

@Controller()
export class ExplanationController {
  readonly #configuration: ConfigurationStore;
  readonly #dispatchers: StatusSource;

  constructor(
    @Inject(ConfigurationStore) configuration: ConfigurationStore,
    @Inject(STATUS_SOURCE) dispatchers: StatusSource,
  ) {
    this.#configuration = configuration;
    this.#dispatchers = dispatchers;
  }

  @Route(endpoints.explainObject)
  async explainObject(
    @Input(endpoints.explainObject) { params: { name, objectId } }: EndpointInput<typeof endpoints.explainObject>,
  ): Promise<endpoints.ObjectExplanation> {
    const answer = await this.#dispatchers.object(name, objectId);
    if (answer.kind === 'no-answer') throw unavailable(answer.reason);
    if (answer.kind === 'not-known')
      throw notFound(
        (await this.#configuration.find('SpConnection', name)) === undefined
          ? `There is no SP connection "${name}".`
          : `No dispatcher knows object "${objectId}" at SP connection "${name}": mapping has sent nothing about it. It may be out of scope.`,
      );
    const explanation = endpoints.objectExplanation.safeParse(answer.state);
    if (explanation.success) return explanation.data;
    throw unavailable('A dispatcher gives an answer of another form.');
  }
}
