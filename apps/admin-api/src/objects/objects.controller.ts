import { Controller, Inject } from '@nestjs/common';
import { ObjectStore } from '@provisor/persistence';
import type { EndpointInput } from '../http/endpoint.js';
import { conflict, notFound } from '../http/problem.js';
import { Input, Route } from '../http/route.decorator.js';
import * as endpoints from './objects.endpoints.js';
import { Timelines } from './timeline.js';

/** So many objects that fit are named in a problem. */
const CANDIDATES = 8;

@Controller()
export class ObjectsController {
  readonly #objects: ObjectStore;
  readonly #timelines: Timelines;

  constructor(@Inject(ObjectStore) objects: ObjectStore, @Inject(Timelines) timelines: Timelines) {
    this.#objects = objects;
    this.#timelines = timelines;
  }

  @Route(endpoints.searchObjects)
  async searchObjects(@Input(endpoints.searchObjects) { query }: EndpointInput<typeof endpoints.searchObjects>) {
    const { label, spConnection, limit } = query;
    return {
      objects: await this.#objects.search({
        text: label,
        limit,
        ...(spConnection === undefined ? {} : { spConnection }),
      }),
    };
  }

  @Route(endpoints.getTimeline)
  async getTimeline(@Input(endpoints.getTimeline) { params, query }: EndpointInput<typeof endpoints.getTimeline>) {
    const timeline = await this.#timelines.of(params.name, params.objectId, query.limit);
    if (!timeline)
      throw notFound(
        `SP connection "${params.name}" has no object "${params.objectId}", now or in the history that is kept.`,
      );
    return timeline;
  }

  @Route(endpoints.findTimeline)
  async findTimeline(@Input(endpoints.findTimeline) { params, query }: EndpointInput<typeof endpoints.findTimeline>) {
    const found = await this.#objects.search({ text: query.label, spConnection: params.name, limit: CANDIDATES });
    if (found.length > 1) {
      const names = found.map(({ label, objectId }) => label ?? objectId).join('; ');
      throw conflict(
        `Several objects fit "${query.label}"; be more exact: ${names}${found.length === CANDIDATES ? '; …' : ''}.`,
      );
    }
    // An object without any result so far is found by its id alone.
    const objectId = found[0]?.objectId ?? query.label;
    const timeline = await this.#timelines.of(params.name, objectId, query.limit);
    if (!timeline) throw notFound(`SP connection "${params.name}" has no object that fits "${query.label}".`);
    return timeline;
  }
}
