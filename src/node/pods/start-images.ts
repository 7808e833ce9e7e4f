import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, Pod, Volume } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import { planUser } from '../containers/user.ts';
import { type Image, ImageNotAvailable, type ImageRequest, type PullPolicy } from '../images/image.ts';
import type { ImagePulls, PulledImage } from '../images/image-pulls.ts';
import { groupsOfUser } from '../images/image-user.ts';
import { credentialsIn } from '../images/registry-credentials.ts';
import type { Mounter } from '#linux/mounter.ts';
import { type PreparedVolume, preparedDirectory } from '../volumes/prepared-volume.ts';
import { MOUNT } from '../volumes/scratch-usage.ts';
import type { ContainerStart } from './container-start.ts';

/** What images are taken with. */
export interface ImageTools {
  readonly pulls: ImagePulls;
  readonly mounter: Mounter;
}

/** All images that a container starts with. */
export interface TakenImages {
  readonly pulled: PulledImage;
  readonly imageVolumes: ReadonlyMap<string, PreparedVolume>;
}

/** The image of the container and those that it mounts; undefined while one is fetched. @throws ImageNotAvailable */
export async function takeImages(tools: ImageTools, start: ContainerStart): Promise<TakenImages | undefined> {
  const pulled = await takeImage(tools, start);
  const imageVolumes = pulled === undefined ? undefined : await mountImageVolumes(tools, start);
  return pulled === undefined || imageVolumes === undefined ? undefined : { pulled, imageVolumes };
}

async function takeImage({ pulls }: ImageTools, start: ContainerStart): Promise<PulledImage | undefined> {
  const { container } = start;
  const policy = policyOf(container.imagePullPolicy);
  const pulled = await take(pulls, start, { key: container.name, reference: container.image ?? '', policy });
  const why = pulled?.image.standsInBecause;
  if (why !== undefined && (container.command ?? []).length === 0)
    throw new ImageNotAvailable(container.image ?? '', `${why}; the host's programs stand in only where the container names its command`);
  return pulled;
}

/** The images that the container mounts as volumes, by name, each mounted on the host where collecting sees that it is used; undefined while one is fetched. */
async function mountImageVolumes(
  { pulls, mounter }: ImageTools,
  start: ContainerStart,
): Promise<ReadonlyMap<string, PreparedVolume> | undefined> {
  const mounted = new Map<string, PreparedVolume>();
  for (const volume of imageVolumesOf(start.pod, start.container)) {
    const { reference = '', pullPolicy } = volume.image ?? {};
    // why a slash: no container has such a name
    const pulled = await take(pulls, start, { key: `volume/${volume.name}`, reference, policy: policyOf(pullPolicy) });
    if (pulled === undefined) return undefined;
    if (pulled.image.standsInBecause !== undefined) throw new ImageNotAvailable(reference, pulled.image.standsInBecause);
    const dir = join(start.paths.volume(volume.name), MOUNT);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    if (!(await mounter.isMountPoint(dir))) await mounter.bindReadOnly(pulled.image.rootDir, dir);
    mounted.set(volume.name, preparedDirectory(dir, { isReadOnly: true }));
  }
  return mounted;
}

/** Groups that the image's own files put its user in; none where the pod wants only those that it names. @throws ContainerConfigError as {@link planUser} */
export async function imageGroupsOf({ pod, container }: ContainerStart, image: Image): Promise<readonly number[]> {
  if (pod.spec.securityContext?.supplementalGroupsPolicy === 'Strict') return [];
  return groupsOfUser(image.rootDir, planUser({ pod, container, image }).uid);
}

function imageVolumesOf({ spec }: Pod, { volumeMounts = [] }: Container): readonly Volume[] {
  const names = new Set(volumeMounts.map(({ name }) => name));
  return (spec.volumes ?? []).filter(({ name, image }) => image !== undefined && names.has(name));
}

async function take(
  pulls: ImagePulls,
  { pod, paths, config, onImage }: ContainerStart,
  wanted: Pick<ImageRequest, 'reference' | 'policy'> & { readonly key: string },
): Promise<PulledImage | undefined> {
  const { key, reference, policy } = wanted;
  try {
    return await pulls.take(`${paths.uid}/${key}`, { reference, policy, credentials: await credentialsOf(pod, config) }, onImage);
  } catch (error) {
    if (policy !== 'Never' || !(error instanceof PlatformError) || error.reason !== 'ErrImagePull') throw error;
    throw new PlatformError({ code: 'NotFound', reason: 'ErrImageNeverPull', message: error.message, cause: error });
  }
}

function policyOf(policy: string | undefined): PullPolicy {
  return policy === 'Always' || policy === 'Never' ? policy : 'IfNotPresent';
}

/** What the pod's secrets hold for registries; secrets that are not there are left out, as upstream does. */
async function credentialsOf(pod: Pod, config: ContainerStart['config']): Promise<ImageRequest['credentials']> {
  const named = (pod.spec.imagePullSecrets ?? []).map(({ name = '' }) => name).filter((name) => name !== '');
  const found = await Promise.all(named.map((name) => config.secret(name)));
  return credentialsIn(found.filter((secret) => secret !== undefined));
}
