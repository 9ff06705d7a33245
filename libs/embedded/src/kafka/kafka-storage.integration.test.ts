import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findJavaTools } from '../java/java-tools.js';
import { kafkaArtifacts } from './kafka-process.js';
import { kafkaSettings, toProperties } from './kafka-settings.js';
import { formatStorage } from './kafka-storage.js';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'provisor-storage-'))));
afterEach(() => rmSync(dir, { recursive: true }));

async function format(settingsFile: string, clusterId: string): Promise<void> {
  const { java } = await findJavaTools();
  const jvm = ['-cp', join(await kafkaArtifacts(), '*')];
  await formatStorage({ java: java?.command ?? 'java', jvm, settingsFile, clusterId });
}

test('takes a cluster id that begins with a hyphen', async () => {
  const settingsFile = join(dir, 'server.properties');
  const ports = { client: 9092, advertised: 9092, controller: 9093 };
  writeFileSync(settingsFile, toProperties(kafkaSettings({ ports, dataDir: join(dir, 'data') })));
  const clusterId = '-bcdefghijklmnopqrstuA';
  await format(settingsFile, clusterId);
  expect(readFileSync(join(dir, 'data', 'meta.properties'), 'utf8')).toContain(`cluster.id=${clusterId}\n`);
});

test('says what Kafka found wrong', async () => {
  const missing = join(dir, 'missing.properties');
  await expect(format(missing, 'abcdefghijklmnopqrstuA')).rejects.toThrow(
    /storage cannot be prepared: .*NoSuchFileException.*missing\.properties\.$/,
  );
});
