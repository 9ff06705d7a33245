import { Controller, Inject } from '@nestjs/common';
import { Route } from '../http/route.decorator.js';
import { getOpenApi } from './openapi.endpoint.js';

export const OPENAPI = Symbol('OpenApi');

@Controller()
export class OpenApiController {
  readonly #document: object;

  constructor(@Inject(OPENAPI) document: object) {
    this.#document = document;
  }

  @Route(getOpenApi)
  getOpenApi() {
    return this.#document;
  }
}
