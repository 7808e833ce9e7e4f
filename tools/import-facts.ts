import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isRecord, trusted } from '#kit/json.ts';
import { definitionFacts } from './definition-facts.ts';

/**
 * Derives the facts files that Stowage carries from a folder of public interface facts (argument 1):
 * the definitions of the API groups that Stowage serves, and the CSI messages. (The protobuf fields are what
 * `go run . facts` in testing/programs/protobuf prints.)
 * Run by hand when the upstream version changes; `npm run generate` then makes the types.
 */
const folder = process.argv[2];
if (folder === undefined) throw new TypeError('usage: node tools/import-facts.ts FOLDER');

const GROUPS = [
  'core',
  'apps',
  'batch',
  'storage',
  'coordination',
  'rbac',
  'events',
  'authentication',
  'authorization',
  'autoscaling',
  'policy',
  'scheduling',
  'admissionregistration',
  'discovery',
  'networking',
  'node',
];

interface Source {
  readonly version: string;
  readonly definitions: Record<string, unknown>;
}

interface CsiFacts {
  readonly messages: Readonly<Record<string, unknown>>;
  readonly enums: Readonly<Record<string, object>>;
  readonly services: Readonly<Record<string, object>>;
}

function merged(present: CsiFacts['enums'], given: CsiFacts['enums']): CsiFacts['enums'] {
  const names = [...new Set([...Object.keys(present), ...Object.keys(given)])];
  return Object.fromEntries(names.map((name) => [name, { ...present[name], ...given[name] }]));
}

const read = <T>(file: string): T => trusted<T>(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
const write = (file: string, value: unknown): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value)}\n`);
};

const source = read<Source>('kubernetes-openapi.json');
const roots = Object.keys(source.definitions).filter((name) => {
  const [, group = '', version = ''] = /^io\.k8s\.api\.([a-z]+)\.(v\d+)\./.exec(name) ?? [];
  return (
    (GROUPS.includes(group) && version === 'v1') ||
    name.startsWith('io.k8s.api.autoscaling.v2.') ||
    name.startsWith('io.k8s.apimachinery') ||
    name.startsWith('io.k8s.apiextensions-apiserver')
  );
});
const kept = new Set<string>();
const visit = (name: string): void => {
  if (kept.has(name)) return;
  kept.add(name);
  refs(source.definitions[name]).forEach(visit);
};
function refs(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refs);
  if (!isRecord(value)) return [];
  const own = typeof value['$ref'] === 'string' ? [value['$ref'].replace('#/definitions/', '')] : [];
  return [...own, ...Object.values(value).flatMap(refs)];
}
roots.forEach(visit);
const definitions = Object.fromEntries([...kept].sort().map((name) => [name, source.definitions[name]]));
write('src/api/facts/kubernetes.json', { kubernetes: '1.36', definitions });

const CSI = 'src/protocols/csi/facts/csi.json';
const [given, present] = [read<CsiFacts>('csi-protobuf.json'), trusted<CsiFacts>(JSON.parse(readFileSync(CSI, 'utf8')))];
// why what is there stays: it has calls that the folder lacks (health, CSI 1.13), and what older drivers still say (VOLUME_CONDITION, gone in 1.13)
write(CSI, {
  ...given,
  messages: { ...present.messages, ...given.messages },
  enums: merged(present.enums, given.enums),
  services: merged(present.services, given.services),
});
write('src/api/facts/definitions.json', definitionFacts(folder));
