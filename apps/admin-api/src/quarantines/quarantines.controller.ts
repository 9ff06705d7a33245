import { Controller, Inject } from '@nestjs/common';
import { ControlDesk } from '../control/control-desk.js';
import type { EndpointInput } from '../http/endpoint.js';
import { Input, Route } from '../http/route.decorator.js';
import { STATUS_SOURCE, type ConnectionState, type StatusSource } from '../status/status-source.js';
import * as endpoints from './quarantines.endpoints.js';

@Controller()
export class QuarantinesController {
  readonly #dispatchers: StatusSource;
  readonly #desk: ControlDesk;

  constructor(@Inject(STATUS_SOURCE) dispatchers: StatusSource, @Inject(ControlDesk) desk: ControlDesk) {
    this.#dispatchers = dispatchers;
    this.#desk = desk;
  }

  @Route(endpoints.listQuarantines)
  async listQuarantines() {
    const { states, silent } = await this.#dispatchers.connections();
    const quarantines = [...states.values()].flatMap(shown).sort((a, b) => (a.spConnection < b.spConnection ? -1 : 1));
    return { quarantines, problems: [...silent] };
  }

  @Route(endpoints.releaseQuarantine)
  release(@Input(endpoints.releaseQuarantine) { params, caller }: EndpointInput<typeof endpoints.releaseQuarantine>) {
    return this.#desk.send({ action: 'release', spConnection: params.name }, caller);
  }
}

function shown({ name, quarantine, counts }: ConnectionState) {
  if (!quarantine) return [];
  const { probeAt, ...rest } = quarantine;
  return [
    {
      spConnection: name,
      ...rest,
      ...(probeAt === null || probeAt === undefined ? {} : { probeAt }),
      ...(counts === undefined ? {} : { pending: counts.pending }),
    },
  ];
}
