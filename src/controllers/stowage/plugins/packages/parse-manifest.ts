import semver from 'semver';
import { DEFAULT_CHANNEL } from '#api/plugins/plugin-info.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { CODE_FILE, PACKAGE_FOLDERS, PACKAGE_FORMAT, PACKAGE_LIMITS, type PackageManifest } from './package-format.ts';

const NAME = /^[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?$/;
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** What CSI allows (csi.proto, GetPluginInfoResponse), in small letters. */
const DRIVER = /^[a-z0-9](?:[-a-z0-9.]{0,61}[a-z0-9])?$/;
const CHANNEL = /^[a-z0-9](?:[-a-z0-9.]{0,61}[a-z0-9])?$/;
const DIGEST = /^[0-9a-f]{64}$/;
/** Objects are named by it, so that it has neither capital letters nor build metadata. */
const VERSION = /^[0-9a-z.-]{1,60}$/;
const MAX_TEXT = 2_000;
const MAX_NEEDS = 20;

/** What a manifest says, field by field. Pure. The error names the field, its value and what is right. */
export function parseManifest(value: unknown): Result<PackageManifest> {
  if (!isRecord(value)) return fail('has to be an object');
  const fault = FIELDS.map(([field, isRight, right]) =>
    isRight(value[field]) ? undefined : `${field}: ${shown(value[field])}: ${right}`,
  ).find((text) => text !== undefined);
  if (fault !== undefined) return fail(fault);
  const unknown = Object.keys(value).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) return fail(`${unknown}: there is no such field: there are ${[...KNOWN].join(', ')}`);
  const { name, version, stowage, channel = DEFAULT_CHANNEL, needs = [], namespace, driver, settings, files = {} } = value;
  const { displayName, description } = value;
  return ok({
    format: PACKAGE_FORMAT,
    name: text(name),
    version: text(version),
    stowage: text(stowage),
    channel: text(channel),
    displayName: inBoth(displayName, text(name)),
    description: inBoth(description, ''),
    needs: Array.isArray(needs) ? needs.map(text) : [],
    ...(namespace === undefined ? {} : { namespace: text(namespace) }),
    ...(driver === undefined ? {} : { driver: text(driver) }),
    ...(isRecord(settings) ? { settings } : {}),
    files: isRecord(files) ? Object.fromEntries(Object.entries(files).map(([path, digest]) => [path, text(digest)])) : {},
  });
}

/** Why a file can't lie there in a package; undefined where it can. Pure. */
export function pathFault(path: string): string | undefined {
  const where = JSON.stringify(path.slice(0, PACKAGE_LIMITS.pathChars));
  if (path === CODE_FILE) return undefined;
  const folders = PACKAGE_FOLDERS.map((folder) => `${folder}/`).join(', ');
  if (path.length > PACKAGE_LIMITS.pathChars) return `${where}: a path has at most ${PACKAGE_LIMITS.pathChars} characters`;
  if (
    !/^[a-z]+\/[A-Za-z0-9][A-Za-z0-9._-]*\.(?:yaml|yml|json)$/.test(path) ||
    !PACKAGE_FOLDERS.some((folder) => path.startsWith(`${folder}/`))
  )
    return `${where}: a package has files NAME.yaml or NAME.json in ${folders} and ${CODE_FILE}, and nothing else`;
  return undefined;
}

type Check = (value: unknown) => boolean;

const isText =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const isLess = (value: unknown): boolean => typeof value === 'string' && value.length <= MAX_TEXT;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const isBilingual: Check = (value) => isRecord(value) && isLess(value['en']) && isLess(value['zh']);
const isVersion: Check = (value) => isText(VERSION)(value) && semver.valid(text(value)) === value;
const isRange: Check = (value) => typeof value === 'string' && value.trim() !== '' && isLess(value) && semver.validRange(value) !== null;
const areNames: Check = (value) => Array.isArray(value) && value.length <= MAX_NEEDS && value.every(isText(NAME));
const areDigests: Check = (value) => isRecord(value) && Object.values(value).every(isText(DIGEST));

const FIELDS: readonly (readonly [field: string, isRight: Check, right: string])[] = [
  ['format', (value) => value === PACKAGE_FORMAT, `has to be ${PACKAGE_FORMAT}`],
  ['name', isText(NAME), 'has to be small letters, digits and hyphens, 40 at most'],
  ['version', isVersion, 'has to be a semantic version in small letters without build metadata, for example 1.4.0 or 1.5.0-rc.1'],
  ['stowage', isRange, 'has to be the range of versions of Stowage that it is made for, for example ">=0.1.0 <1.0.0"'],
  ['channel', optional(isText(CHANNEL)), 'has to be small letters, digits, hyphens and dots, for example stable'],
  ['displayName', optional(isBilingual), 'has to be {en, zh}'],
  ['description', optional(isBilingual), 'has to be {en, zh}'],
  ['needs', optional(areNames), 'has to be a list of names of plugins'],
  ['namespace', optional(isText(LABEL)), 'has to be the name of a namespace'],
  ['driver', optional(isText(DRIVER)), 'has to be the name of a CSI driver, 63 at most: tape.example.com'],
  ['settings', optional(isRecord), 'has to be a schema: {type: object, properties: {…}}'],
  ['files', optional(areDigests), 'has to be the SHA-256 of each file in hexadecimal, by path'],
];
const KNOWN = new Set(FIELDS.map(([field]) => field));

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function inBoth(value: unknown, otherwise: string): PackageManifest['displayName'] {
  return isRecord(value) ? { en: text(value['en']), zh: text(value['zh']) } : { en: otherwise, zh: otherwise };
}

function shown(value: unknown): string {
  return value === undefined ? 'is missing' : JSON.stringify(value).slice(0, 100);
}
