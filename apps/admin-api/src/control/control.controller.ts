import { Controller, Inject } from '@nestjs/common';
import type { EndpointInput } from '../http/endpoint.js';
import { Input, Route } from '../http/route.decorator.js';
import { ControlDesk } from './control-desk.js';
import * as endpoints from './control.endpoints.js';

@Controller()
export class ControlController {
  readonly #desk: ControlDesk;

  constructor(@Inject(ControlDesk) desk: ControlDesk) {
    this.#desk = desk;
  }

  @Route(endpoints.pauseConnection)
  pause(@Input(endpoints.pauseConnection) { params, caller }: EndpointInput<typeof endpoints.pauseConnection>) {
    return this.#desk.send({ action: 'pause', spConnection: params.name }, caller);
  }

  @Route(endpoints.resumeConnection)
  resume(@Input(endpoints.resumeConnection) { params, caller }: EndpointInput<typeof endpoints.resumeConnection>) {
    return this.#desk.send({ action: 'resume', spConnection: params.name }, caller);
  }

  @Route(endpoints.retryConnection)
  retry(@Input(endpoints.retryConnection) { params, body, caller }: EndpointInput<typeof endpoints.retryConnection>) {
    return this.#desk.send({ action: 'retry', spConnection: params.name, ...body }, caller);
  }

  @Route(endpoints.approveConnection)
  approve(
    @Input(endpoints.approveConnection) { params, body, caller }: EndpointInput<typeof endpoints.approveConnection>,
  ) {
    return this.#desk.send({ action: 'approve', spConnection: params.name, ...body }, caller);
  }

  @Route(endpoints.rejectConnection)
  reject(
    @Input(endpoints.rejectConnection) { params, body, caller }: EndpointInput<typeof endpoints.rejectConnection>,
  ) {
    return this.#desk.send({ action: 'reject', spConnection: params.name, ...body }, caller);
  }

  @Route(endpoints.provisionNow)
  provisionNow(@Input(endpoints.provisionNow) { params, caller }: EndpointInput<typeof endpoints.provisionNow>) {
    const { name: spConnection, objectId } = params;
    return this.#desk.send({ action: 'provision-now', spConnection, objectId }, caller);
  }

  @Route(endpoints.compareDataStore)
  compare(@Input(endpoints.compareDataStore) { params, caller }: EndpointInput<typeof endpoints.compareDataStore>) {
    return this.#desk.send({ action: 'compare-source', dataStore: params.name }, caller);
  }

  @Route(endpoints.acceptDataStore)
  accept(@Input(endpoints.acceptDataStore) { params, caller }: EndpointInput<typeof endpoints.acceptDataStore>) {
    return this.#desk.send({ action: 'accept-source', dataStore: params.name }, caller);
  }
}
