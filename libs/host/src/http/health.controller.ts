import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Telemetry } from '@provisor/telemetry';
import type { HealthMonitor } from './health-monitor.js';

export const HEALTH_MONITOR = Symbol('HealthMonitor');
export const TELEMETRY = Symbol('Telemetry');
export const SERVICE_NAME = Symbol('ServiceName');

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

@Controller()
export class HealthController {
  readonly #monitor: HealthMonitor;
  readonly #telemetry: Telemetry;
  readonly #service: string;

  constructor(
    @Inject(HEALTH_MONITOR) monitor: HealthMonitor,
    @Inject(TELEMETRY) telemetry: Telemetry,
    @Inject(SERVICE_NAME) service: string,
  ) {
    this.#monitor = monitor;
    this.#telemetry = telemetry;
    this.#service = service;
  }

  @Get('health/live')
  async live(@Res() reply: FastifyReply): Promise<void> {
    const { live } = await this.#monitor.report();
    await reply.status(live ? 200 : 503).send({ service: this.#service, live });
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { ready, details } = await this.#monitor.report();
    await reply.status(ready ? 200 : 503).send({ service: this.#service, ready, details });
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const text = await this.#telemetry.metricsText();
    await reply.header('content-type', PROMETHEUS_TEXT).send(text);
  }
}
