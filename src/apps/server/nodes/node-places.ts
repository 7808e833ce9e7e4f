import path from 'node:path';
import type { DataDirectory } from '../data-directory.ts';

/** Where the parts of one node lie, for its own process and for the platform's. */
export interface NodePlaces {
  readonly pool: string;
  /** Of its CSI driver. */
  readonly driverSocket: string;
  /** Of its pods' logs and streams. */
  readonly podsSocket: string;
  /** With its client certificate. */
  readonly kubeconfig: string;
  readonly log: string;
  /** Says which process is the node. */
  readonly pid: string;
}

/** Each node has its own of everything. */
export function nodePlaces({ pools, runtime, pki, log }: DataDirectory, name: string): NodePlaces {
  return {
    pool: path.join(pools, name),
    driverSocket: path.join(runtime, `${name}.sock`),
    podsSocket: path.join(runtime, `${name}.pods.sock`),
    kubeconfig: path.join(pki, `${name}.kubeconfig`),
    log: path.join(path.dirname(log), `${name}.log`),
    pid: path.join(runtime, `${name}.pid`),
  };
}
