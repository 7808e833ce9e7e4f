import { mkdir } from 'node:fs/promises';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import { Mounter } from '#linux/mounter.ts';
import { readTextIfAny } from '#linux/small-files.ts';
import type { ContainerRuntime } from './containers/container-runtime.ts';
import { RuncRuntime } from './containers/runc-runtime.ts';
import { FetchedImages } from './images/fetched-images.ts';
import type { ImageStore } from './images/image.ts';
import { type ImageSettings, NodeImages } from './images/image-store.ts';
import { type ConfinementMeans, observeConfinementMeans } from './machine/confinement-means.ts';
import { whyNoLayers } from './machine/layers.ts';
import { boundingCapabilities, findProgram, type Machine, observeMachine, whyNotReady } from './machine/machine.ts';
import { type NodeDirs, NodePaths } from './node-paths.ts';
import { type NodeProfile, observeProfile } from './registration/node-object.ts';

/** What looking at the machine needs. */
export interface FindingOptions {
  /** Of the node. */
  readonly name: string;
  /** Of the platform. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly exec: Exec;
  readonly ids: Ids;
  readonly imageSettings: ImageSettings;
  readonly dirs: NodeDirs;
}

/** What was found of the machine, and what containers and mounts are made with there. */
export interface NodeFindings {
  readonly machine: Machine;
  /** Capabilities that this node can hand out. */
  readonly bounding: bigint;
  readonly mounter: Mounter;
  readonly runtime: ContainerRuntime;
  readonly images: ImageStore;
  readonly profile: NodeProfile;
  readonly means: ConfinementMeans;
}

/** Looks at the machine; what of an image was half fetched is swept away. */
export async function observeFindings(options: FindingOptions): Promise<NodeFindings> {
  const machine = await observeMachine();
  const bootId = ((await readTextIfAny('/proc/sys/kernel/random/boot_id')) ?? '').trim();
  await mkdir(options.dirs.root, { recursive: true, mode: 0o700 });
  const paths = new NodePaths(options.dirs);
  const { exec, ids, clock, log, imageSettings } = options;
  const { runc, busybox } = machine.programs;
  const fetched = new FetchedImages({ dir: paths.images, exec, ids, clock, ...imageSettings });
  await fetched.sweep();
  const images = new NodeImages({
    dir: paths.images,
    busyboxPath: busybox,
    exec,
    fetched,
    fallback: imageSettings.fallback,
    program: imageSettings.program,
  });
  const profile = await observeProfile({
    name: options.name,
    version: options.version,
    runcVersion: await runcVersion(options.exec, runc),
    bootId,
    dir: options.dirs.root,
  });
  const mounter = new Mounter(exec);
  const copier = await copierFor(options, { machine, mounter });
  const means = await observeConfinementMeans(options.exec, runc, options.dirs.root);
  const runtime = new RuncRuntime({ paths, exec, mounter, clock, log, runc, busybox, bootId, copier });
  return { machine, bounding: await boundingCapabilities(), mounter, runtime, images, profile, means };
}

/** Where layers can't be mounted, what copies images instead. */
async function copierFor(
  { exec, dirs, log }: FindingOptions,
  { machine, mounter }: Pick<NodeFindings, 'machine' | 'mounter'>,
): Promise<string | undefined> {
  if (whyNotReady(machine) !== undefined) return undefined;
  const why = await whyNoLayers({ exec, mounter }, dirs.root);
  if (why === undefined) return undefined;
  log.warn('containers get copies of their images: the file system of the data directory holds no layers', {
    path: dirs.root,
    reason: why,
  });
  return findProgram('cp');
}

async function runcVersion(exec: Exec, runc: string | undefined): Promise<string> {
  if (runc === undefined) return '';
  const { stdout } = await exec.run([runc, '--version']);
  return /runc version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
}
