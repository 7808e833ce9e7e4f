import { describe, expect, it } from 'vitest';
import { redactObject } from './redact-object.ts';
import { Scrubber } from './scrubber.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('RUN-3: what a bundle hides of an object', () => {
  it.each([
    { name: 'data', fields: { data: { password: base64('hunter-22') } } },
    { name: 'stringData', fields: { stringData: { password: 'hunter-22' } } },
    {
      name: 'last applied',
      fields: {
        metadata: {
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ kind: 'Secret', stringData: { password: 'hunter-22' } }),
          },
        },
      },
    },
  ])('hides $name of a Secret, and knows its value', ({ fields }) => {
    const { object, values } = redactObject({ apiVersion: 'v1', kind: 'Secret', ...fields });
    expect(JSON.stringify(object)).not.toMatch(/hunter|aHVudGVy/);
    expect(JSON.stringify(object)).toContain('password');
    expect(values).toEqual(['hunter-22']);
  });

  it('hides what can not be read of last applied', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"kind":"Secret","data":' };
    expect(redactObject({ kind: 'Secret', metadata: { annotations } }).object).toMatchObject({
      metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '[redacted]' } },
    });
  });

  it.each([
    { name: 'a variable', object: { kind: 'Pod', spec: { containers: [{ env: [{ name: 'DB_PASSWORD', value: 'hunter-22' }] }] } } },
    { name: 'a setting', object: { kind: 'ConfigMap', data: { 'api-key': 'hunter-22' } } },
    { name: 'a field of an own kind', object: { kind: 'Backup', spec: { target: { secretKey: 'hunter-22' } } } },
  ])('hides the literal credential of $name', ({ object }) => {
    expect(redactObject(object).values).toEqual(['hunter-22']);
    expect(JSON.stringify(redactObject(object).object)).not.toContain('hunter');
  });

  it('leaves what is no secret', () => {
    const object = {
      kind: 'Pod',
      spec: {
        automountServiceAccountToken: true,
        containers: [{ env: [{ name: 'MODE', value: 'fast' }], envFrom: [{ secretRef: { name: 'db' } }] }],
        volumes: [{ secret: { secretName: 'db' } }],
      },
    };
    expect(redactObject(object)).toEqual({ object, values: [] });
  });
});

describe('RUN-3: what a bundle hides of a text', () => {
  const scrubber = new Scrubber();
  scrubber.hide('hunter-22');
  scrubber.hide('hunter-22-longer');
  scrubber.hide('first line of it\nsecond line of it');
  it.each([
    { text: 'before hunter-22 after', clean: 'before [redacted] after' },
    { text: 'hunter-22-longerhunter-22', clean: '[redacted][redacted]' },
    { text: base64('hunter-22'), clean: '[redacted]' },
    { text: '"first line of it\\nsecond line of it"', clean: '"[redacted]"' },
    { text: 'only the second line of it.', clean: 'only the [redacted].' },
    { text: 'Authorization: Bearer abcdef.12345', clean: 'Authorization: Bearer [redacted]' },
    { text: 'nfs://ann:geheim@host/share', clean: 'nfs://ann:[redacted]@host/share' },
    { text: 'db.password=geheim; x=1', clean: 'db.password=[redacted]; x=1' },
    { text: '{"automountServiceAccountToken":true}', clean: '{"automountServiceAccountToken":true}' },
    { text: `x ${['eyJhbGciOiJSUzI1', 'eyJzdWIiOiJzeXN0ZW0', 'c2lnbmF0dXJl'].join('.')}`, clean: 'x [redacted]' },
    { text: '-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----', clean: '[redacted]' },
    { text: 'nothing of it', clean: 'nothing of it' },
  ])('makes $clean', ({ text, clean }) => {
    expect(scrubber.scrub(text)).toBe(clean);
  });
});
