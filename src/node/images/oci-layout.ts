import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';

/** What an image says of how it is to be run (OCI image specification, config). */
export interface ImageConfig {
  /** `sha256:…` of the manifest. */
  readonly digest: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  /** Absent = none is named. */
  readonly stopSignal?: string | undefined;
  /** `UID`, `NAME`, `UID:GID` or `NAME:GROUP`; empty = root. */
  readonly user: string;
}

/** A folder that is no OCI image layout with one image. */
export class ImageLayoutInvalid extends PlatformError {
  constructor(dir: string, fault: string) {
    super({
      code: 'DataLoss',
      reason: 'ImageLayoutInvalid',
      message: `the image in ${dir} can't be read: ${fault}`,
      details: { dir },
      retry: 'never',
    });
  }
}

/** Reads the configuration of the only image in an OCI layout folder. @throws ImageLayoutInvalid */
export async function readImageConfig(dir: string): Promise<ImageConfig> {
  const index = await readJson(dir, 'index.json');
  const [entry] = Array.isArray(index['manifests']) ? index['manifests'].filter(isRecord) : [];
  const digest = digestIn(dir, entry, 'index.json');
  const manifest = await readJson(dir, blobPath(digest));
  const config = await readJson(dir, blobPath(digestIn(dir, manifest['config'], 'the manifest')));
  const given = isRecord(config['config']) ? config['config'] : {};
  return {
    digest,
    env: texts(given['Env']),
    entrypoint: texts(given['Entrypoint']),
    cmd: texts(given['Cmd']),
    workingDir: typeof given['WorkingDir'] === 'string' ? given['WorkingDir'] : '',
    ...(typeof given['StopSignal'] === 'string' ? { stopSignal: given['StopSignal'] } : {}),
    user: typeof given['User'] === 'string' ? given['User'] : '',
  };
}

function digestIn(dir: string, descriptor: unknown, where: string): string {
  const digest = isRecord(descriptor) ? descriptor['digest'] : undefined;
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new ImageLayoutInvalid(dir, `${where} names no sha256 digest`);
  return digest;
}

function blobPath(digest: string): string {
  return join('blobs', 'sha256', digest.slice('sha256:'.length));
}

async function readJson(dir: string, file: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(join(dir, file), 'utf8'));
    if (isRecord(value)) return value;
  } catch (thrown) {
    throw new ImageLayoutInvalid(dir, `${file}: ${PlatformError.from(thrown).message}`);
  }
  throw new ImageLayoutInvalid(dir, `${file} is no JSON object`);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
