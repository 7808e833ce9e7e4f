import type { CSIDriver } from '#api/generated/kubernetes.ts';
import { csiDrivers } from '#api/resources.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { DriverFacts } from './inspect-driver.ts';

/** Who sees to the CSIDriver objects of drivers whose vendors brought none. */
export interface DriverObjects {
  /** To be called before a driver is used. */
  ensure(facts: DriverFacts, signal: AbortSignal): Promise<void>;
  /** The last socket of the driver is gone. Idempotent. */
  remove(driverName: string): Promise<void>;
}

/** The label that says that Stowage made a CSIDriver object, and may take it away. */
const MANAGED = { 'app.kubernetes.io/managed-by': 'stowage' };
/** A further node that waits longer than this for the object goes on without it. */
const PATIENCE_MS = 5_000;
const POLL_MS = 50;

/** Makes the objects, and takes its own away. */
export function ownDriverObjects(client: Client): DriverObjects {
  return {
    async ensure(facts) {
      const existing = await getIfAny(client, facts.name);
      const attachRequired = facts.capabilities.includes('PUBLISH_UNPUBLISH_VOLUME');
      // why: a socket of the node service alone does not know that the driver attaches, and may have come first
      const isOutdated = existing !== undefined && isOurs(existing) && attachRequired && existing.spec.attachRequired === false;
      if (existing !== undefined && !isOutdated) return;
      if (existing !== undefined) await deleteIfAny(client, existing);
      await createIfNone(client, facts.name, attachRequired);
    },
    async remove(driverName) {
      const object = await getIfAny(client, driverName);
      if (object !== undefined && isOurs(object)) await deleteIfAny(client, object);
    },
  };
}

/**
 * For a further node, whose platform makes the objects as soon as it sees the driver's socket: waits a moment, since what the object says
 * decides whether volumes must be attached first.
 */
export function awaitedDriverObjects(client: Client, clock: Clock): DriverObjects {
  return {
    async ensure({ name }, signal) {
      const endMs = clock.nowMs() + PATIENCE_MS;
      while ((await getIfAny(client, name)) === undefined && clock.nowMs() < endMs) await sleep(clock, POLL_MS, signal);
    },
    async remove() {},
  };
}

function isOurs({ metadata }: CSIDriver): boolean {
  return Object.entries(MANAGED).every(([key, value]) => metadata.labels?.[key] === value);
}

async function createIfNone(client: Client, name: string, attachRequired: boolean): Promise<void> {
  try {
    await client.create(csiDrivers, {
      metadata: { name, labels: MANAGED },
      spec: { attachRequired, podInfoOnMount: false, volumeLifecycleModes: ['Persistent'] },
    });
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
}

async function getIfAny(client: Client, name: string): Promise<CSIDriver | undefined> {
  try {
    return await client.get(csiDrivers, { namespace: '', name });
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

async function deleteIfAny(client: Client, { metadata }: CSIDriver): Promise<void> {
  try {
    await client.delete(csiDrivers, { namespace: '', name: metadata.name }, { uid: metadata.uid });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}
