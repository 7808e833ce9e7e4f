import type { ConnectedDrivers } from '../../csi/driver-work/drivers.ts';
import type { CSINode } from '#api/generated/kubernetes.ts';
import type { ObjectView } from './object-view.ts';

/** The drivers that somebody can ask for volumes. */
export interface KnownDrivers {
  has(driverName: string): boolean;
  names(): readonly string[];
}

/** Those that are registered on a node: what can be seen of the drivers that others ask. */
export function driversOnNodes(csiNodes: ObjectView<CSINode>): KnownDrivers {
  return {
    has: (driverName) => csiNodes.countByIndex('driver', driverName) > 0,
    names: () => csiNodes.valuesOfIndex('driver'),
  };
}

/** Those that this process's own controllers can ask: they decide by nothing else. */
export function driversConnected(drivers: Pick<ConnectedDrivers, 'find' | 'names'>): KnownDrivers {
  return { has: (driverName) => drivers.find(driverName) !== undefined, names: () => drivers.names() };
}

/** Those that one of them knows. */
export function eitherOf(some: KnownDrivers, others: KnownDrivers): KnownDrivers {
  return {
    has: (driverName) => some.has(driverName) || others.has(driverName),
    names: () => [...new Set([...some.names(), ...others.names()])],
  };
}
