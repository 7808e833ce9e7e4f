import { createHash } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import type { Ids } from '#kit/ids.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { KeyedLock } from '#kit/keyed-lock.ts';
import { isPresent, listNames, readRecordIfAny, removeTree, writeTextAtomic } from '../small-files.ts';
import { type Image, ImageNotAvailable, type PullPolicy } from './image-store.ts';
import { type ImageConfig, readImageConfig } from './oci-layout.ts';
import { parseReference } from './reference.ts';

/** What fetching needs. */
export interface FetchedImagesOptions {
  /** Directory of all images of the node. */
  readonly dir: string;
  readonly exec: Exec;
  readonly ids: Ids;
  /** Registries (`HOST[:PORT]`) that are asked without TLS, or without looking at their certificate. */
  readonly insecureRegistries: readonly string[];
}

/** A registry may be slow and an image large; the kubelet gives a pull without progress this long too. */
const FETCH_TIMEOUT_MS = 900_000;
/** Asking for a digest is one request. */
const ASK_TIMEOUT_MS = 60_000;
const BUILDING = 'building-fetched-';

/** Which image a name meant when it was fetched. */
interface Remembered {
  readonly reference: string;
  /** Of the manifest that was unpacked. */
  readonly digest: string;
  /** What the registry called it: for several platforms, the digest of their list. Empty for one that was loaded from a file. */
  readonly remoteDigest: string;
}

/**
 * Images from registries and archives, fetched by skopeo and unpacked by umoci. Unpacked aside and renamed as a whole, so that a crash leaves
 * either nothing or everything; names point to images by digest, so that a tag that moves leaves running containers alone.
 */
export class FetchedImages {
  readonly #options: FetchedImagesOptions;
  readonly #pulls = new KeyedLock();

  constructor(options: FetchedImagesOptions) {
    this.#options = options;
  }

  /** Removes what a crash left of a fetch. */
  async sweep(): Promise<void> {
    for (const name of await listNames(this.#options.dir)) {
      if (name.startsWith(BUILDING)) await removeTree(join(this.#options.dir, name));
    }
  }

  /** The image of that name, fetched where the policy says so. @throws ImageNotAvailable, InvalidImageName */
  find(reference: string, policy: PullPolicy): Promise<Image> {
    const parsed = parseReference(reference);
    if (parsed === undefined) return Promise.reject(new InvalidImageName(reference));
    return this.#pulls.run(parsed.full, async () => {
      const known = await this.#remembered(parsed.full);
      if (known !== undefined && policy !== 'Always') return this.#imageOf(known);
      if (policy === 'Never') throw new ImageNotAvailable(reference, 'imagePullPolicy is Never, so it is not fetched');
      return this.#pull(parsed.full, { registry: parsed.registry, known });
    });
  }

  /** Takes an image out of an archive (`oci-archive:FILE`, `docker-archive:FILE`, `oci:DIR`) under the name `reference`. @throws InvalidImageName, CommandFailed */
  async load(source: string, reference: string): Promise<Image> {
    const parsed = parseReference(reference);
    if (parsed === undefined) throw new InvalidImageName(reference);
    const digest = await this.#fetch(source, []);
    const remembered = { reference: parsed.full, digest, remoteDigest: '' };
    await this.#remember(remembered);
    return this.#imageOf(remembered);
  }

  /** What is here, for `Node.status.images`. */
  async list(): Promise<readonly { readonly names: readonly string[]; readonly sizeBytes: number }[]> {
    const remembered: { names: string[]; sizeBytes: number }[] = [];
    for (const file of await listNames(this.#references)) {
      const record = await readRecordIfAny(join(this.#references, file));
      if (typeof record?.['reference'] === 'string') remembered.push({ names: [record['reference']], sizeBytes: 0 });
    }
    return remembered;
  }

  get #references(): string {
    return join(this.#options.dir, 'references');
  }

  async #pull(full: string, { registry, known }: { readonly registry: string; readonly known: Remembered | undefined }): Promise<Image> {
    const tls = this.#options.insecureRegistries.includes(registry) ? ['--tls-verify=false'] : [];
    const source = `docker://${full}`;
    try {
      const argv = ['skopeo', 'inspect', '--no-tags', '--format', '{{.Digest}}', ...tls, source];
      const { stdout } = await this.#options.exec.run(argv, { timeoutMs: ASK_TIMEOUT_MS });
      const remoteDigest = stdout.trim();
      if (known !== undefined && known.remoteDigest === remoteDigest) return await this.#imageOf(known);
      const remembered = { reference: full, digest: await this.#fetch(source, tls), remoteDigest };
      await this.#remember(remembered);
      return await this.#imageOf(remembered);
    } catch (thrown) {
      throw new ImageNotAvailable(full, whyNot(thrown), thrown);
    }
  }

  /** Copies the image aside, unpacks it, and puts it in its place; answers the digest. */
  async #fetch(source: string, tls: readonly string[]): Promise<string> {
    const { dir, exec, ids } = this.#options;
    const building = join(dir, `${BUILDING}${ids.suffix(8)}`);
    const layout = join(building, 'oci');
    try {
      await mkdir(building, { recursive: true, mode: 0o700 });
      const options = tls.map((flag) => flag.replace('--', '--src-'));
      await exec.run(['skopeo', 'copy', '--quiet', ...options, source, `oci:${layout}:image`], { timeoutMs: FETCH_TIMEOUT_MS });
      const config = await readImageConfig(layout);
      const place = this.#placeOf(config.digest);
      if (await isPresent(place)) return config.digest;
      await exec.run(['umoci', 'raw', 'unpack', '--image', `${layout}:image`, join(building, 'rootfs')], { timeoutMs: FETCH_TIMEOUT_MS });
      await removeTree(layout);
      const user = await resolveUser(join(building, 'rootfs'), config.user);
      await writeTextAtomic(join(building, 'image.json'), JSON.stringify({ ...config, user }));
      await mkdir(join(dir, 'fetched'), { recursive: true, mode: 0o700 });
      await rename(building, place);
      return config.digest;
    } finally {
      await removeTree(building);
    }
  }

  #placeOf(digest: string): string {
    return join(this.#options.dir, 'fetched', digest.replace(':', '-'));
  }

  async #imageOf({ reference, digest }: Remembered): Promise<Image> {
    const place = this.#placeOf(digest);
    const record = await readRecordIfAny(join(place, 'image.json'));
    if (record === undefined)
      throw new ImageNotAvailable(reference, 'it was here and is gone: it is fetched again with imagePullPolicy Always');
    // why trusted: written by #fetch, as a whole
    const { env, entrypoint, cmd, workingDir, user } = trusted<Omit<ImageConfig, 'user'> & { readonly user: Image['user'] }>(record);
    const repository = reference.replace(/[:@][^/]*$/, '');
    return { id: `${repository}@${digest}`, rootDir: join(place, 'rootfs'), env, entrypoint, cmd, workingDir, user };
  }

  async #remembered(full: string): Promise<Remembered | undefined> {
    const record = await readRecordIfAny(this.#referenceFile(full));
    if (record === undefined || !isRecord(record) || typeof record['digest'] !== 'string') return undefined;
    const digest = record['digest'];
    if (!(await isPresent(this.#placeOf(digest)))) return undefined;
    return { reference: full, digest, remoteDigest: String(record['remoteDigest']) };
  }

  #remember(remembered: Remembered): Promise<void> {
    return writeTextAtomic(this.#referenceFile(remembered.reference), JSON.stringify(remembered));
  }

  #referenceFile(full: string): string {
    return join(this.#references, `${createHash('sha256').update(full).digest('hex').slice(0, 32)}.json`);
  }
}

/** A name that can't be the name of an image. */
export class InvalidImageName extends PlatformError {
  constructor(reference: string) {
    super({
      code: 'InvalidArgument',
      reason: 'InvalidImageName',
      message: `${JSON.stringify(reference)} is no name of an image; write [REGISTRY/]NAME[:TAG] in lower case, for example registry.example.com/team/app:1.0`,
      details: { reference },
    });
  }
}

function whyNot(thrown: unknown): string {
  const error = PlatformError.from(thrown);
  if (error.reason === 'CommandMissing') return `${error.message}: install skopeo and umoci (apt-get install skopeo umoci)`;
  return error.message;
}

/** Finds the numbers of the user that an image names, in its own files. @throws PlatformError for a name that is not in them */
async function resolveUser(rootfs: string, user: string): Promise<Image['user']> {
  if (user === '') return { uid: 0, gid: 0 };
  const [name = '', group] = user.split(':');
  const passwd = await idsIn(rootfs, 'passwd', name);
  const uid = /^\d+$/.test(name) ? Number(name) : passwd?.[0];
  const gid = group === undefined ? (passwd?.[1] ?? 0) : /^\d+$/.test(group) ? Number(group) : (await idsIn(rootfs, 'group', group))?.[0];
  if (uid !== undefined && gid !== undefined) return { uid, gid };
  throw new PlatformError({
    code: 'FailedPrecondition',
    reason: 'ImageUserUnknown',
    message: `the image runs as ${JSON.stringify(user)}, which its own /etc/passwd and /etc/group do not know: set securityContext.runAsUser and rebuild the image`,
  });
}

/** The third and fourth field of the line of `name` (by name or number). */
async function idsIn(rootfs: string, file: 'passwd' | 'group', name: string): Promise<readonly [number, number] | undefined> {
  let text: string;
  try {
    text = await readFile(join(rootfs, 'etc', file), 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.split('\n').map((line) => line.split(':'));
  const found = fields.find(([label, , id]) => label === name || id === name);
  return found === undefined ? undefined : [Number(found[2]), Number(found[3])];
}
