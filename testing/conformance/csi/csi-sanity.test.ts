import { execFile } from 'node:child_process';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '#kit/log.ts';
import type { ControllerService, ControllerServiceCapabilityRPCType } from '#protocols/csi/generated/messages.ts';
import { serveCsi, type CsiServer } from '#protocols/csi/server.ts';
import { type DriverFixture, startDriver, missingForMounts, needsMark } from '#testing/local-driver.ts';

const run = promisify(execFile);
const VERSION = 'v5.5.0';
const BIN_DIR = resolve('node_modules/.cache/stowage/bin');
const BINARY = join(BIN_DIR, 'csi-sanity');

/** Why the outside judge cannot run here, with what would lift it. */
async function whySkipped(): Promise<string | undefined> {
  const noLoops = await missingForMounts();
  if (noLoops !== undefined) return noLoops;
  const isBuilt = await access(BINARY).then(
    () => true,
    () => false,
  );
  if (isBuilt) return undefined;
  const goes = await run('go', ['version']).catch(() => undefined);
  return goes === undefined ? 'Go, which builds csi-sanity: apt-get install golang' : undefined;
}

const skipped = await whySkipped();

interface JunitCounts {
  readonly passed: number;
  readonly failed: number;
}

/** csi-sanity's last lines: `Ran 41 of 96 Specs`, `SUCCESS! -- 41 Passed | 0 Failed | 1 Pending | 54 Skipped`. */
function parseCounts(output: string): JunitCounts {
  const [, passed, failed] = /(\d+) Passed.*?\| .*?(\d+) Failed/s.exec(output) ?? [];
  return { passed: Number(passed ?? 0), failed: Number(failed ?? 1) };
}

/** What csi-sanity says when it skips for want of a capability that a driver may leave out. */
const SKIPS: Readonly<Partial<Record<ControllerServiceCapabilityRPCType, RegExp>>> = {
  PUBLISH_UNPUBLISH_VOLUME: /publish/i,
  MODIFY_VOLUME: /modify ?volume/i,
};

/** Skipped checks whose reason is no capability that the driver does not claim. */
async function unexplainedSkips(report: string, controller: ControllerService): Promise<readonly string[]> {
  const { capabilities = [] } = await controller.controllerGetCapabilities({}, {});
  const claimed = new Set<string | undefined>(capabilities.map(({ rpc }) => rpc?.type));
  const excused = Object.entries(SKIPS).flatMap(([type, pattern]) => (claimed.has(type) ? [] : [pattern]));
  const messages = [...(await readFile(report, 'utf8')).matchAll(/<skipped message="(skipped[^"]*)"/g)].map(([, message = '']) => message);
  return messages.filter((message) => !excused.some((pattern) => pattern.test(message)));
}

describe.skipIf(skipped !== undefined)(`csi-sanity ${VERSION}${needsMark(skipped)}`, () => {
  let fixture: DriverFixture;
  let server: CsiServer;

  beforeAll(async () => {
    await mkdir(BIN_DIR, { recursive: true });
    if (
      !(await access(BINARY).then(
        () => true,
        () => false,
      ))
    ) {
      await run('go', ['install', `github.com/kubernetes-csi/csi-test/v5/cmd/csi-sanity@${VERSION}`], {
        env: { ...process.env, GOBIN: BIN_DIR },
      });
    }
    fixture = await startDriver({ sizeBytes: 16n << 30n });
    const { identity, controller, groupController, snapshotMetadata, node } = fixture.driver;
    server = await serveCsi({
      socketPath: join(fixture.dir, 'csi.sock'),
      identity,
      controller,
      groupController,
      snapshotMetadata,
      node,
      log: silentLogger,
    });
  }, 300_000);

  afterAll(async () => {
    await server?.close();
    await fixture?.dispose();
  });

  it.each([
    { name: 'file volumes with a filesystem', type: 'file', access: 'mount', atLeast: 77 },
    { name: 'file volumes as block devices', type: 'file', access: 'block', atLeast: 77 },
    { name: 'directory volumes', type: 'directory', access: 'mount', atLeast: 77 },
  ])(
    'CLASS-5: judges $name',
    async ({ type, access: accessType, atLeast }) => {
      const report = join(fixture.dir, `${type}-${accessType}.xml`);
      const parameters = join(fixture.dir, `${type}.yaml`);
      await writeFile(parameters, `type: ${type}\n`);
      const args = [
        `--csi.endpoint=unix://${server.socketPath}`,
        `--csi.mountdir=${join(fixture.dir, 'target')}`,
        `--csi.stagingdir=${join(fixture.dir, 'staging')}`,
        `--csi.testvolumesize=${1 << 30}`,
        `--csi.testvolumeexpandsize=${2 ** 31}`,
        `--csi.testvolumeparameters=${parameters}`,
        `--csi.testvolumeaccesstype=${accessType}`,
        '--ginkgo.no-color',
        `--csi.junitfile=${report}`,
      ];
      const output = await run(BINARY, args, { maxBuffer: 1 << 26 }).then(
        ({ stdout }) => stdout,
        (error: { stdout?: string }) => error.stdout ?? JSON.stringify(error),
      );
      const counts = parseCounts(output);
      expect(counts.failed, output).toBe(0);
      expect(counts.passed, output).toBeGreaterThanOrEqual(atLeast);
      expect(await unexplainedSkips(report, fixture.driver.controller)).toEqual([]);
      expect(await fixture.driver.inventory()).toEqual({ volumes: [], snapshots: [], unfinished: [], loops: [], mounts: [] });
    },
    300_000,
  );
});
