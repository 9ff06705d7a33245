import { expect, test } from 'vitest';
import { kafkaSettings, toEnvironment, toProperties } from './kafka-settings.js';

test('listens on the loopback interface only', () => {
  const settings = kafkaSettings({ ports: { client: 9092, advertised: 9192, controller: 9093 }, dataDir: '/data' });
  expect(settings['listeners']).toBe('PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
  expect(settings['auto.create.topics.enable']).toBe('false');
});

test('is written as properties and as the container image reads it', () => {
  expect(toProperties({ 'log.dirs': 'C:\\data' })).toBe('log.dirs=C:\\\\data\n');
  expect(toEnvironment({ 'log.dirs': '/data' })).toEqual({ KAFKA_LOG_DIRS: '/data' });
});
