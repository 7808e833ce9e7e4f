import { describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { ClaimRows, type ClaimSources } from './claim-rows.ts';

const META = { namespace: 'k-1', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const NONE: readonly KubeObject[] = [];

function aClaim(name: string): PersistentVolumeClaim {
  const spec = { storageClassName: 'fast', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { ...META, name, uid: name }, spec, status: { phase: 'Pending' } };
}

const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...META, name: 'web', uid: 'web' }, spec: { containers: [] } };
function sources(change: Partial<ClaimSources> = {}): ClaimSources {
  return { claims: [], podsOf: () => NONE, eventsAbout: () => NONE, statuses: new Map(), ...change };
}

describe('ClaimRows', () => {
  it('shows what a claim has', () => {
    const podsOf = (key: string): readonly KubeObject[] => (key === 'k-1/a' ? [pod] : NONE);
    const [row] = new ClaimRows().rows(sources({ claims: [aClaim('a')], podsOf }));
    expect(row).toMatchObject({
      key: 'k-1/a',
      size: { text: '1Gi' },
      className: 'fast',
      modes: 'RWO',
      podNames: ['web'],
      searchText: 'a k-1 fast web',
    });
  });

  it('makes only the rows whose sources changed', () => {
    const rows = new ClaimRows();
    const claims = [aClaim('a'), aClaim('b')];
    const before = rows.rows(sources({ claims }));
    const podList = [pod];
    const after = rows.rows(sources({ claims: [...claims], podsOf: (key) => (key === 'k-1/b' ? podList : NONE) }));
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  it('says of a claim that waits what was decided on, and before that only that it waits', () => {
    const claims = [aClaim('a'), aClaim('b')];
    const rows = new ClaimRows();
    expect(rows.rows(sources({ claims })).map(({ status }) => status.code)).toEqual(['pending', 'pending']);
    const decided = { code: 'classMissing', tone: 'bad', values: { class: 'fast' } } as const;
    const after = rows.rows(sources({ claims, statuses: new Map([['b', decided]]) }));
    expect(after.map(({ status }) => status.code)).toEqual(['pending', 'classMissing']);
  });

  it('CON-5: costs little for 10,000 claims of which one changed', () => {
    const rows = new ClaimRows();
    const claims = Array.from({ length: 10_000 }, (_, index) => aClaim(`c-${index}`));
    const before = rows.rows(sources({ claims }));
    const changed = claims.with(5_000, { ...aClaim('c-5000'), metadata: { ...META, name: 'c-5000', uid: 'c-5000', resourceVersion: '2' } });
    const after = rows.rows(sources({ claims: changed }));
    expect(after.filter((row, index) => row !== before[index])).toHaveLength(1);
  });
});
