import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResolvedClass } from '#api/capabilities/class-capabilities.ts';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { CapabilityFeed } from './capability-feed.ts';
import type { FeedListener, LiveFeed } from './live-feed.ts';

/** Classes as a test says they are. */
class Classes implements Pick<LiveFeed, 'objects' | 'subscribe' | 'stop'> {
  readonly objects = new Map<string, KubeObject>();
  listener: FeedListener | undefined;
  isStopped = false;

  subscribe(listener: FeedListener): () => void {
    this.listener = listener;
    return () => (this.listener = undefined);
  }

  put(name: string, annotations: Record<string, string> = {}): void {
    const object = aStoredClass({ name, uid: name, provisioner: 'a.example', annotations });
    this.objects.set(name, object);
    this.listener?.onUpsert(object);
  }

  stop(): void {
    this.isStopped = true;
  }
}

let classes: Classes;
let described: readonly ConfigMap[];
let changed: (() => void) | undefined;
let told: string[];
let feed: CapabilityFeed;
beforeEach(() => {
  [classes, described, told, changed] = [new Classes(), [], [], undefined];
  const onChange = (listener: () => void): (() => void) => {
    changed = listener;
    return () => (changed = undefined);
  };
  feed = new CapabilityFeed(classes, { own: () => [], descriptions: () => described, onChange });
  feed.subscribe({
    onSnapshot: () => void told.push('snapshot'),
    onUpsert: (object) => void told.push(`upsert ${textOf(object)}`),
    onDelete: (uid) => void told.push(`delete ${uid}`),
    onBookmark: () => void told.push('bookmark'),
    onGap: () => void told.push('gap'),
    onProblem: ({ message }) => void told.push(message),
  });
});
afterEach(() => feed.stop());

function describing(modes: string): void {
  const metadata = { name: 'sd-a', namespace: 'kube-public', labels: { 'features.alauda.io/type': 'StorageDescription' } };
  // why trusted: the rest of an object says nothing here
  described = [trusted<ConfigMap>({ metadata, data: { 'a.example': `accessModes: [${modes}]` } })];
  changed?.();
}

function textOf(object: KubeObject): string {
  const { metadata, capabilities } = trusted<ResolvedClass>(object);
  const modes = capabilities.accessModes;
  return `${metadata.name}: ${modes === undefined ? '?' : `${modes.value.join()} by ${modes.origin.name}`}`;
}

function shown(): readonly string[] {
  return [...feed.objects.values()].map(textOf);
}

describe('CAP-2: what classes can do, as the console is told', () => {
  it('is there with the classes, and follows them and what is said of drivers', () => {
    classes.put('fast');
    expect([told, shown()]).toEqual([['upsert fast: ?'], ['fast: ?']]);
    classes.listener?.onSnapshot();
    told.length = 0;
    describing('ReadWriteOnce, ReadWriteMany');
    classes.put('fast', { 'cpaas.io/access-mode': 'ReadWriteOnce' });
    classes.put('fast', { 'cpaas.io/access-mode': 'ReadWriteOnce', other: 'says nothing of it' });
    describing('ReadWriteOnce, ReadWriteMany');
    classes.objects.delete('fast');
    classes.listener?.onDelete('fast');
    expect(told).toEqual(['upsert fast: ReadWriteOnce,ReadWriteMany by sd-a', 'upsert fast: ReadWriteOnce by fast', 'delete fast']);
    expect(shown()).toEqual([]);
  });

  it('has another version each time, which a browser takes for another object', () => {
    classes.put('fast');
    classes.listener?.onSnapshot();
    const before = feed.objects.get('fast')?.metadata.resourceVersion;
    describing('ReadWriteOnce');
    expect(feed.objects.get('fast')?.metadata.resourceVersion).not.toBe(before);
  });

  it('is refused, and interrupted, where the classes are', () => {
    classes.put('fast');
    classes.listener?.onSnapshot();
    told.length = 0;
    classes.listener?.onGap();
    classes.listener?.onProblem(new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: 'no classes for you' }));
    describing('ReadWriteOnce');
    expect([told, shown()]).toEqual([['gap', 'no classes for you'], []]);
    feed.subscribe({
      onSnapshot: () => void told.push('snapshot'),
      onUpsert: () => {},
      onDelete: () => {},
      onBookmark: () => {},
      onGap: () => {},
      onProblem: ({ message }) => void told.push(`later: ${message}`),
    });
    expect(told.at(-1)).toBe('later: no classes for you');
  });

  it('ends with the classes', () => {
    feed.stop();
    expect([classes.isStopped, classes.listener, changed, feed.listeners]).toEqual([true, undefined, undefined, 0]);
  });
});
