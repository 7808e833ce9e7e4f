import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { decodeProtobuf, ProtobufMalformed } from './decode-protobuf.ts';
import { MessageTypes } from './message-types.ts';

const types = new MessageTypes();
const encode = (packageName: string, message: string, value: Record<string, unknown>): Uint8Array => {
  const type = types.find(packageName, message);
  if (type === undefined) throw new TypeError(`no message ${message}`);
  return type.encode(type.fromObject(value)).finish();
};
const frame = (apiVersion: string, kind: string, raw: Uint8Array): Uint8Array => {
  const body = encode('k8s.io.apimachinery.pkg.runtime', 'Unknown', { typeMeta: { apiVersion, kind }, raw });
  return Uint8Array.from([0x6b, 0x38, 0x73, 0, ...body]);
};
const CORE = 'k8s.io.api.core.v1';
/** What Go writes of a metadata of which only the name was set. */
const noisyMeta = (name: string): Record<string, unknown> => ({
  name,
  generateName: '',
  namespace: '',
  selfLink: '',
  uid: '',
  resourceVersion: '',
  generation: 0,
  creationTimestamp: {},
});

describe('decodeProtobuf', () => {
  it.each([
    {
      name: 'a namespace without what Go writes unasked',
      body: frame('v1', 'Namespace', encode(CORE, 'Namespace', { metadata: noisyMeta('k-1'), spec: {}, status: { phase: '' } })),
      object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'k-1' } },
    },
    {
      name: 'a secret with bytes and an immutable that was set to false',
      body: frame(
        'v1',
        'Secret',
        encode(CORE, 'Secret', { metadata: noisyMeta('s'), data: { key: Buffer.from('pa ss') }, immutable: false, type: '' }),
      ),
      object: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        immutable: false,
        data: { key: Buffer.from('pa ss').toString('base64') },
      },
    },
    {
      name: 'a claim with quantities and the class "" that was set',
      body: frame(
        'v1',
        'PersistentVolumeClaim',
        encode(CORE, 'PersistentVolumeClaim', {
          metadata: noisyMeta('c'),
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: { string: '10Gi' } } },
            volumeName: '',
            storageClassName: '',
          },
          status: { phase: '' },
        }),
      ),
      object: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'c' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } }, storageClassName: '' },
      },
    },
    {
      name: 'a pod: inlined volume sources, emptyDir kept, resources {} and false flags dropped, 0 of pointers kept',
      body: frame(
        'v1',
        'Pod',
        encode(CORE, 'Pod', {
          metadata: { ...noisyMeta('p'), labels: { app: '' } },
          spec: {
            volumes: [{ name: 'v', volumeSource: { emptyDir: { medium: '' } } }],
            containers: [
              {
                name: 'c',
                image: 'busybox',
                args: [''],
                resources: {},
                stdin: false,
                ports: [{ name: '', hostPort: 0, containerPort: 80, protocol: '', hostIP: '' }],
                livenessProbe: { handler: { httpGet: { path: '/', port: { type: 0, intVal: 8080, strVal: '' } } }, initialDelaySeconds: 0 },
                envFrom: [{ prefix: '', configMapRef: { localObjectReference: { name: 'settings' }, optional: false } }],
              },
            ],
            terminationGracePeriodSeconds: 0,
            hostNetwork: false,
            securityContext: {},
          },
          status: {},
        }),
      ),
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', labels: { app: '' } },
        spec: {
          volumes: [{ name: 'v', emptyDir: {} }],
          containers: [
            {
              name: 'c',
              image: 'busybox',
              args: [''],
              ports: [{ containerPort: 80 }],
              livenessProbe: { httpGet: { path: '/', port: 8080 } },
              envFrom: [{ configMapRef: { name: 'settings', optional: false } }],
            },
          ],
          terminationGracePeriodSeconds: 0,
          securityContext: {},
        },
      },
    },
    {
      name: 'delete options under any group, with a grace of 0',
      body: frame(
        'apps/v1',
        'DeleteOptions',
        encode('k8s.io.apimachinery.pkg.apis.meta.v1', 'DeleteOptions', { gracePeriodSeconds: 0, propagationPolicy: 'Background' }),
      ),
      object: { apiVersion: 'apps/v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, propagationPolicy: 'Background' },
    },
    {
      name: 'a lease with a time of microseconds',
      body: frame(
        'coordination.k8s.io/v1',
        'Lease',
        encode('k8s.io.api.coordination.v1', 'Lease', {
          metadata: noisyMeta('l'),
          spec: { renewTime: { seconds: 1_700_000_000, nanos: 123_456_789 }, leaseTransitions: 0 },
        }),
      ),
      object: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'l' },
        spec: { renewTime: '2023-11-14T22:13:20.123456Z', leaseTransitions: 0 },
      },
    },
    {
      name: 'webhooks, though their field has another name than in JSON',
      body: frame(
        'admissionregistration.k8s.io/v1',
        'ValidatingWebhookConfiguration',
        encode('k8s.io.api.admissionregistration.v1', 'ValidatingWebhookConfiguration', {
          metadata: noisyMeta('w'),
          webhooks: [
            { name: 'a.b.c', clientConfig: { url: 'https://x' }, rules: [{ operations: ['CREATE'], rule: { resources: ['pods'] } }] },
          ],
        }),
      ),
      object: {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'w' },
        webhooks: [{ name: 'a.b.c', clientConfig: { url: 'https://x' }, rules: [{ operations: ['CREATE'], resources: ['pods'] }] }],
      },
    },
    {
      name: 'a definition with its schema',
      body: frame(
        'apiextensions.k8s.io/v1',
        'CustomResourceDefinition',
        encode('k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1', 'CustomResourceDefinition', {
          metadata: noisyMeta('d'),
          spec: {
            versions: [
              {
                name: 'v1',
                served: true,
                storage: false,
                schema: {
                  openAPIV3Schema: {
                    dollar_schema: 's',
                    'x-kubernetes-preserve-unknown-fields': false,
                    default: { raw: Buffer.from('9007199254740993') },
                    enum: [{ raw: Buffer.from('"x"') }, { raw: Buffer.from('null') }],
                    items: { jSONSchemas: [{ type: 'string' }] },
                    additionalProperties: { allows: false },
                    properties: { a: { items: { schema: { type: 'integer' } } } },
                    dependencies: { b: { property: ['c'] } },
                  },
                },
              },
            ],
          },
        }),
      ),
      object: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'd' },
        spec: {
          versions: [
            {
              name: 'v1',
              served: true,
              storage: false,
              schema: {
                openAPIV3Schema: {
                  $schema: 's',
                  'x-kubernetes-preserve-unknown-fields': false,
                  default: 9007199254740993n,
                  enum: ['x', null],
                  items: [{ type: 'string' }],
                  additionalProperties: false,
                  properties: { a: { items: { type: 'integer' } } },
                  dependencies: { b: ['c'] },
                },
              },
            },
          ],
        },
      },
    },
    {
      name: 'fields that nobody knows as what the schema then tells of',
      body: frame(
        'v1',
        'Namespace',
        Buffer.concat([encode(CORE, 'Namespace', { metadata: { name: 'n' } }), Uint8Array.of(0xf8, 0x06, 1, 0x12, 3, 0xf8, 0x06, 1)]),
      ),
      object: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'n' },
        'protobuf: field 111': null,
        'protobuf: spec.field 111': null,
      },
    },
  ])('decodes $name', ({ body, object }) => {
    expect(decodeProtobuf(body).object).toEqual(object);
  });

  it.each([
    { name: 'another format', body: Buffer.from('{"kind":"Pod"}'), text: 'does not start with' },
    { name: 'nothing', body: new Uint8Array(), text: 'does not start with' },
    { name: 'a broken frame', body: Uint8Array.from([0x6b, 0x38, 0x73, 0, 0xff, 0xff, 0xff]), text: 'no valid Unknown' },
    { name: 'no kind', body: frame('', '', new Uint8Array()), text: 'no apiVersion' },
    { name: 'an unknown kind', body: frame('v1', 'constructor', new Uint8Array()), text: 'knows no protobuf form of "constructor"' },
    { name: 'an unknown group', body: frame('__proto__/v1', 'Pod', new Uint8Array()), text: 'application/json' },
    { name: 'a broken object', body: frame('v1', 'Pod', Uint8Array.from([0x0a, 0x7f, 1])), text: 'no valid Pod' },
    { name: 'groups nested without end', body: frame('v1', 'Pod', new Uint8Array(200_000).fill(0x7b)), text: 'no valid Pod' },
  ])('refuses $name', ({ body, text }) => {
    expect(() => decodeProtobuf(body)).toThrow(ProtobufMalformed);
    expect(() => decodeProtobuf(body)).toThrow(text);
  });

  it('uses no field name that protobufjs changes', () => {
    expect(protobuf.util).toBeDefined();
    expect(Object.keys(types.find(CORE, 'DaemonEndpoint')?.fields ?? {})).toEqual(['Port']);
  });
});
