import { Controller, Inject } from '@nestjs/common';
import type { EndpointInput } from '../http/endpoint.js';
import { Input, Route } from '../http/route.decorator.js';
import * as endpoints from './secrets.endpoints.js';
import { StoredSecrets } from './stored-secrets.js';

@Controller()
export class SecretsController {
  readonly #secrets: StoredSecrets;

  constructor(@Inject(StoredSecrets) secrets: StoredSecrets) {
    this.#secrets = secrets;
  }

  @Route(endpoints.listSecrets)
  async listSecrets() {
    const secrets = await this.#secrets.list();
    return { secrets: secrets.map((secret) => ({ ...secret, updatedAt: secret.updatedAt.toISOString() })) };
  }

  @Route(endpoints.putSecret)
  async putSecret(@Input(endpoints.putSecret) { params, body, caller }: EndpointInput<typeof endpoints.putSecret>) {
    return { name: params.name, documents: await this.#secrets.put(params.name, body.value, caller) };
  }

  @Route(endpoints.deleteSecret)
  async deleteSecret(@Input(endpoints.deleteSecret) { params, caller }: EndpointInput<typeof endpoints.deleteSecret>) {
    await this.#secrets.remove(params.name, caller);
  }
}
