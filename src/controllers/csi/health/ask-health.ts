import { hasCode } from '#kit/errors.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { ControllerServiceCapabilityRPCType } from '#protocols/csi/generated/messages.ts';
import { type HealthCondition, healthConditions, healthOfCondition } from '#protocols/csi/volume-health.ts';

/** What is wrong with volumes, by their ids; a volume of which nothing was heard is not in it. */
export type HealthOfVolumes = ReadonlyMap<string, readonly HealthCondition[]>;

/** The volumes of a driver. */
export interface AskedVolumes {
  readonly all: readonly string[];
  /** Those that were not well when they were last asked for. */
  readonly unwell: ReadonlySet<string>;
}

/** How a driver is asked. */
export interface HealthQuestion {
  readonly everyMs: number;
  ask(driver: CsiClient, volumes: AskedVolumes, call: CallContext): Promise<HealthOfVolumes>;
}

/** A list of those that are not well is short; other answers are about every volume (external-health-monitor's intervals). */
const SHORT_LIST_MS = 60_000;
const EVERY_VOLUME_MS = 300_000;

/** Entries of one page of a list. */
const PAGE = 500;

/** How a driver with these capabilities is asked how its volumes are: by CSI 1.13, else by what it took back; undefined where it does not say. Pure. */
export function healthQuestion(can: ReadonlySet<ControllerServiceCapabilityRPCType>): HealthQuestion | undefined {
  if (can.has('LIST_VOLUME_HEALTH')) return { everyMs: SHORT_LIST_MS, ask: listHealth };
  const everyMs = EVERY_VOLUME_MS;
  if (can.has('GET_VOLUME_HEALTH'))
    return { everyMs, ask: (driver, { all }, call) => each(all, (volumeId) => getHealth(driver, volumeId, call)) };
  if (!can.has('VOLUME_CONDITION')) return undefined;
  if (can.has('LIST_VOLUMES')) return { everyMs, ask: (driver, _volumes, call) => listConditions(driver, call) };
  if (!can.has('GET_VOLUME')) return undefined;
  return { everyMs, ask: (driver, { all }, call) => each(all, (volumeId) => getCondition(driver, volumeId, call)) };
}

/** The list has only those that are not well; one that was and is not in it is asked for itself, so that a list that is not whole clears nothing. */
async function listHealth(driver: CsiClient, { all, unwell }: AskedVolumes, call: CallContext): Promise<HealthOfVolumes> {
  const found = new Map<string, readonly HealthCondition[]>();
  await pages(async (startingToken) => {
    const { entries = [], nextToken } = await driver.controller.controllerListVolumeHealth({ maxEntries: PAGE, startingToken }, call);
    for (const health of entries) found.set(health.volumeId ?? '', healthConditions(health));
    return nextToken;
  });
  const rest = all.filter((volumeId) => unwell.has(volumeId) && !found.has(volumeId));
  return new Map([...found, ...(await each(rest, (volumeId) => getHealth(driver, volumeId, call)))]);
}

async function listConditions(driver: CsiClient, call: CallContext): Promise<HealthOfVolumes> {
  const found = new Map<string, readonly HealthCondition[]>();
  await pages(async (startingToken) => {
    const { entries = [], nextToken } = await driver.controller.listVolumes({ maxEntries: PAGE, startingToken }, call);
    for (const { volume, status } of entries)
      if (status?.volumeCondition !== undefined) found.set(volume?.volumeId ?? '', healthOfCondition(status.volumeCondition));
    return nextToken;
  });
  return found;
}

async function pages(next: (token: string) => Promise<string | undefined>): Promise<void> {
  // why remembered: a driver that gives the same token again would never come to an end
  const seen = new Set<string>();
  for (let token = ''; !seen.has(token);) {
    seen.add(token);
    token = (await next(token)) ?? '';
    if (token === '') return;
  }
}

async function getHealth(driver: CsiClient, volumeId: string, call: CallContext): Promise<readonly HealthCondition[] | undefined> {
  const { volumeHealth } = await driver.controller.controllerGetVolumeHealth({ volumeId }, call);
  return volumeHealth && healthConditions(volumeHealth);
}

async function getCondition(driver: CsiClient, volumeId: string, call: CallContext): Promise<readonly HealthCondition[] | undefined> {
  const { status } = await driver.controller.controllerGetVolume({ volumeId }, call);
  return status?.volumeCondition && healthOfCondition(status.volumeCondition);
}

/** One after the other: nobody waits for it, and the driver has other work. What is refused for one says nothing of that one. @throws what a driver answers that is away */
async function each(
  volumeIds: readonly string[],
  ask: (volumeId: string) => Promise<readonly HealthCondition[] | undefined>,
): Promise<HealthOfVolumes> {
  const found = new Map<string, readonly HealthCondition[]>();
  for (const volumeId of volumeIds) {
    try {
      const health = await ask(volumeId);
      if (health !== undefined) found.set(volumeId, health);
    } catch (thrown) {
      if (hasCode(thrown, 'Unavailable', 'DeadlineExceeded', 'Canceled')) throw thrown;
    }
  }
  return found;
}
