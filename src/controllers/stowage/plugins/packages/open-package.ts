import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type ParsedTarEntryWithData, unpackTar } from 'modern-tar';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { PACKAGE_FILES, PACKAGE_FORMAT, PACKAGE_LIMITS, type PackageManifest } from './package-format.ts';
import { invalid, PackageRefused } from './package-refused.ts';
import { parseManifest, pathFault } from './parse-manifest.ts';
import { isSignedBy, readPublicKey, type SignerKey } from './signature.ts';

/** A package whose signature and digests are right; whether who signed it is trusted is not asked here. */
export interface OpenedPackage {
  readonly manifest: PackageManifest;
  readonly signer: SignerKey;
  /** SHA-256 of the manifest, in hexadecimal: of everything in the package, as the manifest has the digest of each file. */
  readonly digest: string;
  /** By path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const unzip = promisify(gunzip);
const OWN_FILES: ReadonlySet<string> = new Set(Object.values(PACKAGE_FILES));

/** Reads a package without writing anything. @throws PackageRefused where something of it is missing, too much, changed, or of another product */
export async function openPackage(archive: Uint8Array): Promise<OpenedPackage> {
  if (archive.length > PACKAGE_LIMITS.archiveBytes)
    invalid(`the archive has ${archive.length} bytes: a package has at most ${PACKAGE_LIMITS.archiveBytes}`);
  const files = filesOf(await entriesOf(archive));
  const manifestBytes = fileOf(files, PACKAGE_FILES.manifest);
  const manifest = manifestOf(manifestBytes);
  const signer = checkSignature(files, manifestBytes);
  const content = new Map([...files].filter(([path]) => !OWN_FILES.has(path)));
  await checkDigests(content, manifest);
  return { manifest, signer, digest: sha256(manifestBytes), files: content };
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function entriesOf(archive: Uint8Array): Promise<readonly ParsedTarEntryWithData[]> {
  try {
    return await unpackTar(await unzip(archive, { maxOutputLength: PACKAGE_LIMITS.unpackedBytes }), { strict: true });
  } catch (thrown) {
    const { message } = PlatformError.from(thrown);
    const isTooLarge = thrown instanceof RangeError;
    return invalid(
      isTooLarge
        ? `the archive is larger than ${PACKAGE_LIMITS.unpackedBytes} bytes when it is unpacked`
        : `the file is no whole .tar.gz (${message}): fetch it again, and compare its checksum with that of who published it`,
    );
  }
}

/** The files by path. What is no file has no place in a package, wherever it points. */
function filesOf(entries: readonly ParsedTarEntryWithData[]): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  if (entries.length > PACKAGE_LIMITS.files)
    invalid(`the archive has ${entries.length} entries: a package has at most ${PACKAGE_LIMITS.files}`);
  for (const { header, data } of entries) {
    const path = header.name;
    if (header.type === 'directory' && pathFault(`${path.replace(/\/?$/, '/')}a.yaml`) === undefined) continue;
    if (header.type === 'directory' && /^code\/?$/.test(path)) continue;
    const fault = OWN_FILES.has(path) ? undefined : pathFault(path);
    if (fault !== undefined) invalid(fault);
    if (header.type !== 'file' || data === undefined)
      invalid(`${JSON.stringify(path)} is a ${header.type}: a package has plain files only`);
    if (files.has(path)) invalid(`${JSON.stringify(path)} stands twice in the archive`);
    files.set(path, data);
  }
  return files;
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array {
  return files.get(path) ?? invalid(`${path} is missing: this is no package that \`stowage plugin pack\` made`);
}

function manifestOf(bytes: Uint8Array): PackageManifest {
  if (bytes.length > PACKAGE_LIMITS.manifestBytes) invalid(`${PACKAGE_FILES.manifest} has more than ${PACKAGE_LIMITS.manifestBytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(textOf(bytes));
  } catch (thrown) {
    return invalid(`${PACKAGE_FILES.manifest} can't be read as JSON: ${PlatformError.from(thrown).message}`);
  }
  if (isRecord(value) && typeof value['format'] === 'string' && value['format'] !== PACKAGE_FORMAT) {
    const format = JSON.stringify(value['format'].slice(0, PACKAGE_LIMITS.pathChars));
    throw new PackageRefused({ reason: 'PluginPackageForeign', message: `format: ${format}: this Stowage takes ${PACKAGE_FORMAT}` });
  }
  const parsed = parseManifest(value);
  return parsed.ok ? parsed.value : invalid(`${PACKAGE_FILES.manifest}: ${parsed.error}`);
}

/** The bytes as text. @throws PackageRefused where they are no UTF-8 */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // why: the decoder's words name no remedy
    return invalid('a file of the package is not UTF-8 text');
  }
}

function checkSignature(files: ReadonlyMap<string, Uint8Array>, manifest: Uint8Array): SignerKey {
  const unsigned = [PACKAGE_FILES.signature, PACKAGE_FILES.signer].find((path) => !files.has(path));
  if (unsigned !== undefined)
    throw new PackageRefused({
      reason: 'PluginUntrusted',
      message: `the package is not signed (${unsigned} is missing): who made it signs it with \`stowage plugin pack\``,
    });
  const signer = readPublicKey(textOf(fileOf(files, PACKAGE_FILES.signer)));
  if (isSignedBy(manifest, textOf(fileOf(files, PACKAGE_FILES.signature)), signer)) return signer;
  throw new PackageRefused({
    reason: 'PluginPackageTampered',
    message: 'the signature is not that of the manifest: the package was changed after it was signed, fetch it again',
  });
}

async function checkDigests(content: ReadonlyMap<string, Uint8Array>, { files }: PackageManifest): Promise<void> {
  const missing = Object.keys(files).find((path) => !content.has(path));
  if (missing !== undefined)
    invalid(`${JSON.stringify(missing)} is missing, which the manifest lists: the package is not whole, fetch it again`);
  for (const [path, bytes] of content) {
    const wanted = Object.hasOwn(files, path) ? files[path] : undefined;
    if (wanted === undefined)
      throw new PackageRefused({
        reason: 'PluginPackageTampered',
        message: `${JSON.stringify(path)} is not in the manifest, so nobody has signed it`,
      });
    if ((await slowSha256(bytes)) !== wanted)
      throw new PackageRefused({
        reason: 'PluginPackageTampered',
        message: `${JSON.stringify(path)} is not what was signed: its SHA-256 differs from that in the manifest, fetch the package again`,
      });
  }
}

/** In slices, between which others go on. */
async function slowSha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    hash.update(bytes.subarray(start, start + SLICE_BYTES));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return hash.digest('hex');
}

/** So much is done in about a millisecond. */
const SLICE_BYTES = 524_288;
