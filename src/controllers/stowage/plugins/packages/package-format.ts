/** What says that an archive is a package of a plugin of Stowage, in this form. */
export const PACKAGE_FORMAT = 'stowage.dev/plugin-package/v1';

/** Files of every package, beside those that its manifest lists. */
export const PACKAGE_FILES = {
  /** What is signed, byte by byte. */
  manifest: 'manifest.json',
  /** The signature, in base64. */
  signature: 'manifest.sig',
  /** The public key of who signed. */
  signer: 'signer.pem',
} as const;

/** The folders of a package; a file in them is one object, in YAML or JSON. */
export const PACKAGE_FOLDERS = ['definitions', 'roles', 'objects'] as const;

/** The module of code of a package that has any. */
export const CODE_FILE = 'code/plugin.mjs';

/** What a package may cost. The archive stands in one object, which a cluster keeps up to 1.5 MiB (etcd's `--max-request-bytes`). */
export const PACKAGE_LIMITS = {
  archiveBytes: 1_048_576,
  /** Unpacked, with all headers. */
  unpackedBytes: 8_388_608,
  /** One object; reading it takes tens of milliseconds. */
  objectBytes: 524_288,
  files: 500,
  pathChars: 200,
  manifestBytes: 262_144,
} as const;

/** A text in the languages of Stowage. */
interface InBoth {
  readonly en: string;
  readonly zh: string;
}

/** What a package says of itself. */
export interface PackageManifest {
  readonly format: typeof PACKAGE_FORMAT;
  /** As the label `cpaas.io/module-name` has it. */
  readonly name: string;
  /** A semantic version without build metadata. */
  readonly version: string;
  /** The versions of Stowage that it is made for, as a range: `>=0.1.0 <1.0.0`. */
  readonly stowage: string;
  readonly channel: string;
  readonly displayName: InBoth;
  readonly description: InBoth;
  /** Plugins without which it is nothing. */
  readonly needs: readonly string[];
  /** The recommended namespace, which is made where it is missing. */
  readonly namespace?: string;
  /** The CSI driver that its code brings to every node. */
  readonly driver?: string;
  /** The schema of what can be set of it. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** SHA-256 of each file, in hexadecimal, by its path. */
  readonly files: Readonly<Record<string, string>>;
}
