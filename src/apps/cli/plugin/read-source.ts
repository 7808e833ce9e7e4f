import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { PackageSource } from '#controllers/stowage/plugins/packages/build-package.ts';
import { CODE_FILE, PACKAGE_FOLDERS, PACKAGE_LIMITS } from '#controllers/stowage/plugins/packages/package-format.ts';
import { PackageRefused } from '#controllers/stowage/plugins/packages/package-refused.ts';
import { isRecord } from '#kit/json.ts';
import { parseYaml } from '#kit/parse-yaml.ts';

/** What a package says of itself, in the directory that it is made of. */
const FIELDS_FILE = 'plugin.yaml';

/** What lies in the directory of a package. @throws PackageRefused where it is none */
export function readSource(directory: string): PackageSource {
  const parsed = parseYaml(readBounded(path.join(directory, FIELDS_FILE)).toString('utf8'), { maxDepth: 20, maxChars: 100_000 });
  const fields = parsed.ok ? parsed.value.value : refuse(`${FIELDS_FILE}: ${parsed.error}`);
  if (!isRecord(fields)) return refuse(`${FIELDS_FILE}: has to be one object with name, version and stowage`);
  const paths = PACKAGE_FOLDERS.flatMap((folder) => namesIn(path.join(directory, folder)).map((name) => `${folder}/${name}`));
  if (namesIn(path.join(directory, path.dirname(CODE_FILE))).includes(path.basename(CODE_FILE))) paths.push(CODE_FILE);
  return { fields, files: new Map(paths.map((file) => [file, readBounded(path.join(directory, file))])) };
}

/** Reads a file that the user has named. @throws PackageRefused where there is none, or it is too large to be of a package */
export function readBounded(file: string): Buffer {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return refuse(`there is no file ${JSON.stringify(file)}`);
  if (stats.size > PACKAGE_LIMITS.unpackedBytes)
    return refuse(`${file} has ${stats.size} bytes: at most ${PACKAGE_LIMITS.unpackedBytes} are read`);
  return readFileSync(file);
}

function namesIn(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}

function refuse(message: string): never {
  throw new PackageRefused({ reason: 'PluginPackageInvalid', message });
}
