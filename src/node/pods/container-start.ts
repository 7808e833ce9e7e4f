import type { Pod, Container } from '#api/generated/kubernetes.ts';
import type { PodPaths, RunPaths } from '../node-paths.ts';
import type { PreparedVolume } from '../volumes/prepared-volume.ts';
import type { ConfigReader } from '../containers/environment.ts';

/** A container to start, on volumes that are ready. */
export interface ContainerStart {
  readonly pod: Pod;
  readonly paths: PodPaths;
  readonly container: Container;
  readonly attempt: number;
  readonly restartCount: number;
  readonly backoffStep: number;
  readonly volumes: ReadonlyMap<string, PreparedVolume>;
  readonly config: ConfigReader;
  /** Called when the state directory is there and nothing has started yet: the time to watch it. */
  readonly beforeSpawn: (run: RunPaths) => void;
  /** Called when an image that the start waits for is there, or can't be had: the time to start again. */
  readonly onImage: () => void;
}
