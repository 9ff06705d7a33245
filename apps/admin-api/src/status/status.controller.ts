import { Controller, Inject } from '@nestjs/common';
import type { EndpointInput } from '../http/endpoint.js';
import { notFound } from '../http/problem.js';
import { Input, Route } from '../http/route.decorator.js';
import * as endpoints from './status.endpoints.js';
import { StatusReport } from './status-report.js';

@Controller()
export class StatusController {
  readonly #report: StatusReport;

  constructor(@Inject(StatusReport) report: StatusReport) {
    this.#report = report;
  }

  @Route(endpoints.getStatus)
  getStatus() {
    return this.#report.everything();
  }

  @Route(endpoints.getConnectionStatus)
  async getConnectionStatus(
    @Input(endpoints.getConnectionStatus) { params }: EndpointInput<typeof endpoints.getConnectionStatus>,
  ) {
    const status = await this.#report.connection(params.name);
    if (!status) throw notFound(`There is no SP connection "${params.name}".`);
    return status;
  }
}
