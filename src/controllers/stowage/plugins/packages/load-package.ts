import semver from 'semver';
import type { PluginPackage, PluginSigner } from '#api/generated/definitions.ts';
import type { PackageOrigin, Plugin } from '../plugin.ts';
import type { PluginCatalog } from '../plugin-catalog.ts';
import { openPackage, type OpenedPackage } from './open-package.ts';
import { pluginOfPackage } from './package-plugin.ts';
import { readPublicKey } from './signature.ts';

/** Who is trusted, and what Stowage itself is. */
export interface LoadedFor {
  readonly signers: readonly PluginSigner[];
  readonly catalog: Pick<PluginCatalog, 'builtIn' | 'stowageVersion'>;
}

/** The plugin that lies in an object, and why it is not used where it is not. @throws PackageRefused where the archive is no package */
export async function loadPackage({ spec }: Pick<PluginPackage, 'spec'>, loadedFor: LoadedFor): Promise<Plugin> {
  return judgedPlugin(await openPackage(Buffer.from(spec.archive, 'base64')), loadedFor);
}

/** Who signed an opened package, and why it is not used where it is not. */
export function judge(opened: OpenedPackage, { signers, catalog }: LoadedFor): Pick<PackageOrigin, 'signer' | 'refusal'> {
  const signer = signerOf(opened.signer.fingerprint, signers);
  const refusal = signer === undefined ? untrusted(opened) : unfit(opened, catalog.stowageVersion);
  return { signer, ...(refusal === undefined ? {} : { refusal }) };
}

/** The plugin that an opened package is. @throws PackageRefused where something in it is not what its folder says */
export function judgedPlugin(opened: OpenedPackage, loadedFor: LoadedFor): Promise<Plugin> {
  const own = loadedFor.catalog.builtIn.find(({ name }) => name === opened.manifest.name);
  return pluginOfPackage(opened, { ...judge(opened, loadedFor), own });
}

/** Whose key it is; undefined = nobody's who is trusted. */
function signerOf(fingerprint: string, signers: readonly PluginSigner[]): string | undefined {
  return signers.find(({ spec }) => {
    try {
      return readPublicKey(spec.publicKey).fingerprint === fingerprint;
    } catch {
      // why: what is no key trusts nobody
      return false;
    }
  })?.metadata.name;
}

function untrusted({ manifest: { name, version }, signer }: OpenedPackage): NonNullable<PackageOrigin['refusal']> {
  const message = `the package ${name} ${version} is signed with the key ${signer.fingerprint}, which is not trusted: compare it with what its maker says, then stowage plugin trust add NAME FILE.pub`;
  return { reason: 'PluginUntrusted', message };
}

function unfit({ manifest: { name, version, stowage } }: OpenedPackage, own: string): PackageOrigin['refusal'] {
  if (semver.satisfies(own, stowage, { includePrerelease: true })) return undefined;
  const message = `the package ${name} ${version} is for Stowage ${stowage}, and this is ${own}: fetch the one for this version`;
  return { reason: 'PluginPackageUnfit', message };
}
