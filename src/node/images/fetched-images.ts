import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Ids } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { KeyedLock } from '#kit/keyed-lock.ts';
import { isPresent, listNames, readRecordIfAny, removeTree, writeTextAtomic } from '#linux/small-files.ts';
import { type Image, ImageNotAvailable, type ImageRequest, type ImageStore, InvalidImageName, type ListedImage } from './image.ts';
import { ANYBODY, ImageNames, type Remembered } from './image-names.ts';
import { resolveUser } from './image-user.ts';
import { bytesBelow, FETCHED, markUsed, NAMES, placeOf, readSizeBytes, removePlace } from './image-place.ts';
import { type ImageConfig, readImageConfig } from './oci-layout.ts';
import { parseReference } from './reference.ts';
import { authFileText, credentialsFor, fingerprintOf, type RegistryCredential } from './registry-credentials.ts';

/** What fetching needs. */
export interface FetchedImagesOptions {
  /** Directory of all images of the node. */
  readonly dir: string;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Registries (`HOST[:PORT]`) that are asked without TLS, or without looking at their certificate. */
  readonly insecureRegistries: readonly string[];
}

/** A registry may be slow and an image large; the kubelet gives a pull without progress this long too. */
const FETCH_TIMEOUT_MS = 900_000;
/** Asking for a digest is one request. */
const ASK_TIMEOUT_MS = 60_000;
const BUILDING = 'building-fetched-';

/**
 * Images from registries and archives, fetched by skopeo and unpacked by umoci. Unpacked aside and renamed as a whole, so that a crash leaves
 * either nothing or everything; names point to images by digest, so that a tag that moves leaves running containers alone.
 */
export class FetchedImages implements ImageStore {
  readonly #options: FetchedImagesOptions;
  readonly #names: ImageNames;
  readonly #pulls = new KeyedLock();

  constructor(options: FetchedImagesOptions) {
    this.#options = options;
    this.#names = new ImageNames(join(options.dir, NAMES));
  }

  /** Removes what a crash left of a fetch. */
  async sweep(): Promise<void> {
    for (const name of await listNames(this.#options.dir)) {
      if (name.startsWith(BUILDING)) await removeTree(join(this.#options.dir, name));
    }
  }

  async findHere({ reference, policy, credentials }: ImageRequest): Promise<Image | undefined> {
    const parsed = parseReference(reference);
    if (parsed === undefined) throw new InvalidImageName(reference);
    const known = policy === 'Always' ? undefined : await this.#known(parsed.full);
    if (known !== undefined && mayUse(known, credentials)) return this.#imageOf(known);
    if (policy !== 'Never') return undefined;
    const why = known === undefined ? 'so it is not fetched' : 'and it was fetched with credentials that this pod does not have';
    throw new ImageNotAvailable(reference, `imagePullPolicy is Never, ${why}`);
  }

  async fetch(request: ImageRequest, signal: AbortSignal): Promise<Image> {
    const parsed = parseReference(request.reference);
    if (parsed === undefined) throw new InvalidImageName(request.reference);
    return this.#pulls.run(parsed.full, async () => {
      // why again: another pod may have fetched it while this one waited
      const here = await this.findHere(request);
      return here ?? this.#pull({ ...parsed, credentials: credentialsFor(parsed.full, request.credentials), signal });
    });
  }

  /** Takes an image out of an archive (`oci-archive:FILE`, `docker-archive:FILE`, `oci:DIR`) under the name `reference`. @throws InvalidImageName, CommandFailed */
  async load(source: string, reference: string): Promise<Image> {
    const parsed = parseReference(reference);
    if (parsed === undefined) throw new InvalidImageName(reference);
    const digest = await this.#unpack(source, { flags: [] });
    const remembered = { reference: parsed.full, digest, remoteDigest: '', shownTo: [] };
    await this.#names.write(remembered);
    return this.#imageOf(remembered);
  }

  /** Forgets the name, and removes its image unless another name stands for it or a container runs on it; answers whether the name was known. */
  async remove(reference: string, isInUse: (place: string) => boolean): Promise<boolean> {
    const parsed = parseReference(reference);
    if (parsed === undefined) throw new InvalidImageName(reference);
    const known = await this.#names.read(parsed.full);
    if (known === undefined) return false;
    await this.#names.remove(parsed.full);
    const place = placeOf(known.digest);
    const isNamed = (await this.#names.all()).some(({ digest }) => digest === known.digest);
    if (!isNamed && !isInUse(place)) await removePlace(this.#options.dir, place);
    return true;
  }

  /** What is here, for `Node.status.images`. */
  async list(): Promise<readonly ListedImage[]> {
    const remembered: ListedImage[] = [];
    for (const { reference, digest } of await this.#names.all()) {
      remembered.push({ names: [reference], sizeBytes: await readSizeBytes(this.#placeOf(digest)) });
    }
    return remembered;
  }

  /** Tries what fits, the most exact first; without anything that fits, what the machine's own user would show. */
  async #pull(pull: Pull): Promise<Image> {
    const tries: (RegistryCredential | undefined)[] = pull.credentials.length === 0 ? [undefined] : [...pull.credentials];
    let refusal: unknown;
    for (const credential of tries) {
      try {
        return await this.#pullWith(pull, credential);
      } catch (thrown) {
        pull.signal.throwIfAborted();
        refusal = thrown;
      }
    }
    throw new ImageNotAvailable(pull.full, whyNot(refusal), refusal);
  }

  async #pullWith({ full, registry, signal }: Pull, credential: RegistryCredential | undefined): Promise<Image> {
    const { dir, exec, ids, insecureRegistries } = this.#options;
    const authDir = join(dir, `${BUILDING}${ids.suffix(8)}`);
    const flags = insecureRegistries.includes(registry) ? ['tls-verify=false'] : [];
    const source = `docker://${full}`;
    try {
      if (credential !== undefined) {
        const authFile = join(authDir, 'auth.json');
        await writeTextAtomic(authFile, authFileText(registry, credential));
        flags.push(`authfile=${authFile}`);
      }
      const argv = ['skopeo', 'inspect', '--no-tags', '--format', '{{.Digest}}', ...flags.map((flag) => `--${flag}`), source];
      const { stdout } = await exec.run(argv, { timeoutMs: ASK_TIMEOUT_MS, signal });
      const remoteDigest = stdout.trim();
      const known = await this.#known(full);
      const isSame = known?.remoteDigest === remoteDigest;
      const digest = isSame ? known.digest : await this.#unpack(source, { flags, signal });
      const shownTo = [...(isSame ? known.shownTo : []), credential === undefined ? ANYBODY : fingerprintOf(credential)];
      const remembered = { reference: full, digest, remoteDigest, shownTo: [...new Set(shownTo)].slice(-MAX_FINGERPRINTS) };
      await this.#names.write(remembered);
      return await this.#imageOf(remembered);
    } finally {
      await removeTree(authDir);
    }
  }

  /** Copies the image aside, unpacks it, and puts it in its place; answers the digest. */
  async #unpack(source: string, { flags, signal }: { readonly flags: readonly string[]; readonly signal?: AbortSignal }): Promise<string> {
    const { dir, exec, ids } = this.#options;
    const building = join(dir, `${BUILDING}${ids.suffix(8)}`);
    const layout = join(building, 'oci');
    const within = { timeoutMs: FETCH_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
    try {
      await mkdir(building, { recursive: true, mode: 0o700 });
      const sourceFlags = flags.map((flag) => `--src-${flag}`);
      await exec.run(['skopeo', 'copy', '--quiet', ...sourceFlags, source, `oci:${layout}:image`], within);
      const config = await readImageConfig(layout);
      const place = this.#placeOf(config.digest);
      if (await isPresent(place)) return config.digest;
      await exec.run(['umoci', 'raw', 'unpack', '--image', `${layout}:image`, join(building, 'rootfs')], within);
      await removeTree(layout);
      const user = await resolveUser(join(building, 'rootfs'), config.user);
      const sizeBytes = await bytesBelow(exec, join(building, 'rootfs'));
      await writeTextAtomic(join(building, 'image.json'), JSON.stringify({ ...config, user, sizeBytes }));
      await mkdir(join(dir, FETCHED), { recursive: true, mode: 0o700 });
      await rename(building, place);
      return config.digest;
    } finally {
      await removeTree(building);
    }
  }

  /** What a name meant when it was fetched, while that is still here. */
  async #known(full: string): Promise<Remembered | undefined> {
    const remembered = await this.#names.read(full);
    return remembered !== undefined && (await isPresent(this.#placeOf(remembered.digest))) ? remembered : undefined;
  }

  #placeOf(digest: string): string {
    return join(this.#options.dir, FETCHED, placeOf(digest));
  }

  async #imageOf({ reference, digest }: Remembered): Promise<Image> {
    const place = this.#placeOf(digest);
    const record = await readRecordIfAny(join(place, 'image.json'));
    if (record === undefined)
      throw new ImageNotAvailable(reference, 'it was here and is gone: it is fetched again with imagePullPolicy Always');
    // why trusted: written by #fetch, as a whole
    const { env, entrypoint, cmd, workingDir, stopSignal, user } = trusted<Omit<ImageConfig, 'user'> & { readonly user: Image['user'] }>(
      record,
    );
    const repository = reference.replace(/[:@][^/]*$/, '');
    await markUsed(place, this.#options.clock.nowMs());
    const id = `${repository}@${digest}`;
    return { id, rootDir: join(place, 'rootfs'), env, entrypoint, cmd, workingDir, stopSignal, user, hostPaths: [] };
  }
}

interface Pull {
  readonly full: string;
  readonly registry: string;
  readonly credentials: readonly RegistryCredential[];
  readonly signal: AbortSignal;
}

/** More than this many are asked for again, the oldest first. */
const MAX_FINGERPRINTS = 64;

/** Whether a pod with these credentials would get the image from its registry too: what one tenant fetched is not another's (KEP-2535). What was loaded by hand is for all. */
function mayUse({ shownTo }: Remembered, credentials: readonly RegistryCredential[]): boolean {
  if (shownTo.length === 0 || shownTo.includes(ANYBODY)) return true;
  return credentials.some((credential) => shownTo.includes(fingerprintOf(credential)));
}

function whyNot(thrown: unknown): string {
  const error = PlatformError.from(thrown);
  if (error.reason === 'CommandMissing') return `${error.message}: install skopeo and umoci (apt-get install skopeo umoci)`;
  return error.message;
}
