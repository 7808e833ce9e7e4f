import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { packTar } from 'modern-tar';
import { PACKAGE_FILES, PACKAGE_FORMAT, PACKAGE_LIMITS, type PackageManifest } from './package-format.ts';
import { sha256 } from './open-package.ts';
import { invalid } from './package-refused.ts';
import { parseManifest, pathFault } from './parse-manifest.ts';
import { signBytes, type SigningKey } from './signature.ts';

/** What a package is made of. */
export interface PackageSource {
  /** The fields of a manifest but `format` and `files`. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** By path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A package as it is handed on. */
export interface BuiltPackage {
  readonly manifest: PackageManifest;
  readonly archive: Uint8Array;
}

const zip = promisify(gzip);
const NO_TIME = new Date(0);

/** Makes a package: the same source and key give the same bytes. @throws PackageRefused where the source is no package */
export async function buildPackage({ fields, files }: PackageSource, key: SigningKey): Promise<BuiltPackage> {
  const paths = [...files.keys()].toSorted();
  const fault = paths.map(pathFault).find((text) => text !== undefined);
  if (fault !== undefined) invalid(fault);
  const digests = Object.fromEntries(
    [...files].map(([path, bytes]) => [path, sha256(bytes)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  const parsed = parseManifest({ ...fields, format: PACKAGE_FORMAT, files: digests });
  if (!parsed.ok) return invalid(parsed.error);
  const manifest = Buffer.from(`${JSON.stringify(parsed.value, undefined, 2)}\n`);
  const own = new Map<string, Uint8Array>([
    [PACKAGE_FILES.manifest, manifest],
    [PACKAGE_FILES.signature, Buffer.from(`${signBytes(manifest, key)}\n`)],
    [PACKAGE_FILES.signer, Buffer.from(key.publicKey.pem)],
  ]);
  const entries = [...own, ...paths.map((path) => [path, files.get(path) ?? new Uint8Array()] as const)];
  const tar = await packTar(
    entries.map(([name, body]) => ({ header: { name, size: body.length, type: 'file', mode: 0o644, mtime: NO_TIME }, body })),
  );
  const archive = await zip(tar, { level: 9 });
  if (archive.length > PACKAGE_LIMITS.archiveBytes)
    invalid(
      `the package has ${archive.length} bytes: at most ${PACKAGE_LIMITS.archiveBytes} are taken; code is bundled and minified before it is packed`,
    );
  return { manifest: parsed.value, archive };
}
