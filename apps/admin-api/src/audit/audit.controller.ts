import { Controller, Inject } from '@nestjs/common';
import { AuditStore } from '@provisor/persistence';
import type { EndpointInput } from '../http/endpoint.js';
import { Input, Route } from '../http/route.decorator.js';
import { listAudit } from './audit.endpoints.js';

@Controller()
export class AuditController {
  readonly #audit: AuditStore;

  constructor(@Inject(AuditStore) audit: AuditStore) {
    this.#audit = audit;
  }

  @Route(listAudit)
  async listAudit(@Input(listAudit) { query }: EndpointInput<typeof listAudit>) {
    const { subject, cursor, limit } = query;
    const found = await this.#audit.list({
      limit,
      ...(subject === undefined ? {} : { subject }),
      ...(cursor === undefined ? {} : { before: cursor }),
    });
    const last = found.at(-1);
    return {
      entries: found.map((entry) => ({ ...entry, at: entry.at.toISOString() })),
      ...(last && found.length === limit ? { next: last.id } : {}),
    };
  }
}
