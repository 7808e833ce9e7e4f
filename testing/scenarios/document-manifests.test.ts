import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRecord } from '#kit/json.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const FOLDER = path.join(import.meta.dirname, '..', 'manifests');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

/** What the refusal of a wrong manifest has to say, so that its reader finds the right one. */
const REFUSALS: Readonly<Record<string, RegExp>> = {
  'bad-pod-ephemeral-as-printed.yaml': /spec\.volumes\[0\]\.ephemeral: write an object/,
  'bad-pod-name-emptydir.yaml': /metadata\.name: Invalid value: "emptyDir-path": a lowercase RFC 1123 subdomain must consist of lower case/,
  'bad-snapshot-v1alpha1.yaml':
    /write it so: apiVersion: snapshot\.storage\.k8s\.io\/v1.*volumeSnapshotClassName: csi-snapclass.*persistentVolumeClaimName: mypvc/i,
};
/** The kind of the populator in the documents; its own vendor brings it in. */
const PROVIDER = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: providers.provider.example.com}
spec:
  group: provider.example.com
  scope: Namespaced
  names: {plural: providers, singular: provider, kind: Provider, listKind: ProviderList}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`;

function namespacesIn(text: string): string[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object: unknown = document.toJS();
    const metadata = isRecord(object) ? object['metadata'] : undefined;
    return isRecord(metadata) && typeof metadata['namespace'] === 'string' ? [metadata['namespace']] : [];
  });
}

describeWith(['unzip', 'npm'], 'API-1: the manifests of the documents, as their readers paste them', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    await platform.kubectl.run(['apply', '-f', '-'], PROVIDER);
    await platform.kubectl.run(['wait', '--for=condition=Established', 'crd/providers.provider.example.com']);
    const namespaces = new Set(FILES.flatMap((file) => namespacesIn(readFileSync(path.join(FOLDER, file), 'utf8'))));
    for (const namespace of namespaces) await platform.kubectl.try(['create', 'namespace', namespace]);
  });
  afterAll(async () => platform.remove());

  /** The objects of a manifest as they are stored, without what controllers write. */
  const wantedState = async (manifest: string): Promise<unknown[]> => {
    const shown: unknown = JSON.parse(await platform.kubectl.run(['get', '-f', '-', '-o', 'json'], manifest));
    const objects = isRecord(shown) && Array.isArray(shown['items']) ? shown['items'] : [shown];
    return objects.filter(isRecord).map(({ status: _status, metadata, ...rest }) => {
      const { uid, generation, labels } = isRecord(metadata) ? metadata : {};
      return { ...rest, uid, generation, labels };
    });
  };

  it.each(FILES.filter((file) => !file.startsWith('bad-')))('%s is accepted, and is the same when applied again', async (file) => {
    const manifest = readFileSync(path.join(FOLDER, file), 'utf8');
    expect(await platform.kubectl.run(['apply', '-f', '-'], manifest)).toMatch(/created|configured|unchanged/);
    const before = await wantedState(manifest);
    await platform.kubectl.run(['apply', '-f', '-'], manifest);
    expect(await wantedState(manifest)).toEqual(before);
  });

  it.each(FILES.filter((file) => file.startsWith('bad-')))('%s is refused with what would be right', async (file) => {
    const { exitCode, stderr } = await platform.kubectl.try(['apply', '-f', '-'], readFileSync(path.join(FOLDER, file), 'utf8'));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(REFUSALS[file] ?? /a refusal that this test knows/);
  });
});
