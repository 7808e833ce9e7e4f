import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { SystemExec } from '#kit/exec.ts';

/** What a container of an image runs as (image-spec, config.md). */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly User?: string;
}

const ENV = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

/** Writes the folder `root` as an image of one layer into the folder `into` (image-spec, image-layout.md). */
export async function writeOciLayout(root: string, into: string, config: ImageConfig): Promise<void> {
  const blobs = path.join(into, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (bytes: Uint8Array): { readonly digest: string; readonly size: number } => {
    const hash = sha256(bytes);
    writeFileSync(path.join(blobs, hash), bytes);
    return { digest: `sha256:${hash}`, size: bytes.length };
  };
  const tar = path.join(into, 'layer.tar');
  const argv = ['tar', '--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '-C', root, '-cf', tar, '.'];
  const exec = new SystemExec();
  await exec.run(argv, { timeoutMs: 60_000 });
  const layer = readFileSync(tar);
  await exec.run(['rm', tar]);
  const zipped = put(gzipSync(layer, { level: 1 }));
  const image = put(
    json({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Env: ENV, ...config },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    }),
  );
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = put(
    json({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...image },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...zipped }],
    }),
  );
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  writeFileSync(path.join(into, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(
    path.join(into, 'index.json'),
    json({ schemaVersion: 2, manifests: [{ mediaType: manifestType, ...manifest, annotations }] }),
  );
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
