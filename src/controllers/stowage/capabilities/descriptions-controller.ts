import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { configMaps } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { createInformer } from '#machinery/client/informer.ts';
import { type Controller, done } from '#machinery/runtime/controller.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { DESCRIPTIONS, readConfigMap } from './descriptions.ts';

/** What reading descriptions needs. */
export interface DescriptionsDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Drivers that describe themselves. */
  readonly ownDrivers: () => readonly string[];
}

/** Tells on each ConfigMap of descriptions what of it is wrong, and so ignored (CAP-1). */
export function createDescriptionsController({ client, clock, log, ownDrivers }: DescriptionsDeps): Controller<ConfigMap> {
  const { namespace, label, type } = DESCRIPTIONS;
  // why its own: of all ConfigMaps only these few are kept
  const informer = createInformer({ client, clock, log, resource: configMaps, namespace, labelSelector: `${label}=${type}` });
  return {
    name: 'storage-descriptions',
    resource: configMaps,
    informer,
    triggers: [],
    concurrency: 1,
    reconcile: (ctx, configMap) => {
      for (const message of wrongIn(configMap, ownDrivers())) ctx.events.record(invalid(configMap, message));
      return Promise.resolve(done);
    },
  };
}

/** What is wrong in a ConfigMap of descriptions, a sentence each. Pure. */
function wrongIn(configMap: ConfigMap, ownDrivers: readonly string[]): readonly string[] {
  const { name } = configMap.metadata;
  if (!name.startsWith(DESCRIPTIONS.namePrefix))
    return [`ignored: its name is ${JSON.stringify(name)}; names of descriptions begin with ${DESCRIPTIONS.namePrefix}`];
  const { drivers, faults } = readConfigMap(configMap);
  const told = ownDrivers.filter((driver) => drivers.has(driver));
  return [
    ...told.map((driver) => `data[${JSON.stringify(driver)}] is ignored: the driver describes itself; remove the key`),
    ...faults.map(({ driver, field, value, remedy }) => {
      const place = field === '' ? `data[${JSON.stringify(driver)}]` : `data[${JSON.stringify(driver)}].${field}`;
      return `${place}: ${value} is ignored: ${remedy}`;
    }),
  ];
}

function invalid(about: ConfigMap, message: string): EventDraft {
  return { about, type: 'Warning', reason: 'StorageDescriptionInvalid', message };
}
