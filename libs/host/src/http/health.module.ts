import { Module, type DynamicModule } from '@nestjs/common';
import type { Telemetry } from '@provisor/telemetry';
import { HEALTH_MONITOR, HealthController, SERVICE_NAME, TELEMETRY } from './health.controller.js';
import type { HealthMonitor } from './health-monitor.js';

export interface HealthModuleOptions {
  readonly service: string;
  readonly monitor: HealthMonitor;
  readonly telemetry: Telemetry;
}

@Module({})
export class HealthModule {
  static with(options: HealthModuleOptions): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [
        { provide: SERVICE_NAME, useValue: options.service },
        { provide: HEALTH_MONITOR, useValue: options.monitor },
        { provide: TELEMETRY, useValue: options.telemetry },
      ],
    };
  }
}
