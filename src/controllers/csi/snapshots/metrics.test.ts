import { beforeEach, expect, it } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { aStoredGroup, aStoredSnapshot } from '#testing/builders/snapshot.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { type ObservedWith, SnapshotOperations } from './metrics.ts';

const known: ObservedWith = { kind: 'snapshot', driverName: 'disk.example', type: 'dynamic', isHeld: false };
const deletionTimestamp = '2026-01-01T00:00:00Z';
const creationTime = '2026-01-01T00:00:00Z';

let metrics: Metrics;
let clock: FakeClock;
let operations: SnapshotOperations;
beforeEach(() => {
  [metrics, clock] = [new Metrics(), new FakeClock()];
  operations = new SnapshotOperations({ metrics, clock });
});

/** Operation, type, status and seconds of what is over. */
function over(): readonly string[] {
  const pattern =
    /^snapshot_controller_operation_total_seconds_sum\{driver_name="(.*?)",operation_name="(.*?)",snapshot_type="(.*?)",operation_status="(.*?)"\} (.*)$/gm;
  return [...metrics.render().matchAll(pattern)].map(([, ...words]) => words.join(' '));
}

const inFlight = (): string | undefined => /^snapshot_controller_operations_in_flight (.*)$/m.exec(metrics.render())?.[1];

it('SNAP-1: tells how long a snapshot took to be taken, to be ready and to go', async () => {
  operations.observe(aStoredSnapshot(), { ...known, driverName: undefined });
  expect(inFlight()).toBe('2');
  await clock.step(2_000);
  operations.observe(aStoredSnapshot({ status: { creationTime, readyToUse: false } }), known);
  await clock.step(3_000);
  const ready = aStoredSnapshot({ status: { creationTime, readyToUse: true } });
  for (let again = 0; again < 2; again += 1) operations.observe(ready, known);
  expect(over()).toEqual(['disk.example CreateSnapshot dynamic success 2', 'disk.example CreateSnapshotAndReady dynamic success 5']);
  const going = aStoredSnapshot({ metadata: { deletionTimestamp }, status: { creationTime, readyToUse: true } });
  operations.observe(going, { ...known, isHeld: true });
  await clock.step(60_000);
  operations.observe(going, known);
  await clock.step(1_000);
  operations.gone(going);
  expect(over().at(-1)).toBe('disk.example DeleteSnapshot dynamic success 1');
  expect(inFlight()).toBe('0');
});

it('SNAP-1: tells of one that goes before it is taken that it was given up', async () => {
  operations.observe(aStoredSnapshot(), known);
  await clock.step(1_000);
  const going = aStoredSnapshot({ metadata: { deletionTimestamp } });
  operations.observe(going, known);
  operations.gone(going);
  expect(over()).toEqual([
    'disk.example DeleteSnapshot dynamic success 0',
    'disk.example CreateSnapshot dynamic cancel 1',
    'disk.example CreateSnapshotAndReady dynamic cancel 1',
  ]);
});

it('SNAP-8: tells of an imported group only when it is ready, under names of its own', async () => {
  const imported: ObservedWith = { ...known, kind: 'group', type: 'pre-provisioned' };
  operations.observe(aStoredGroup(), imported);
  await clock.step(1_000);
  operations.observe(aStoredGroup({ status: { creationTime, readyToUse: true } }), imported);
  expect(over()).toEqual(['disk.example CreateGroupSnapshotAndReady pre-provisioned success 1']);
});

it('SNAP-1: has the buckets of upstream', () => {
  operations.observe(aStoredSnapshot(), known);
  operations.observe(aStoredSnapshot({ status: { creationTime } }), known);
  const bounds = [...metrics.render().matchAll(/_bucket\{.*?le="(.*?)"\}/g)].map(([, bound]) => bound);
  expect(bounds).toEqual(['0.1', '0.25', '0.5', '1', '2.5', '5', '10', '15', '30', '60', '120', '300', '600', '+Inf']);
});
