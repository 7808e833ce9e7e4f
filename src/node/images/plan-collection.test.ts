import { expect, it } from 'vitest';
import { type CollectableImage, planCollection } from './plan-collection.ts';

const MINUTE = 60_000;
const nowMs = 100 * MINUTE;
const limits = { highPercent: 85, lowPercent: 80 };
const image = (place: string, over: Partial<CollectableImage> = {}): CollectableImage => ({
  place,
  sizeBytes: 40,
  lastUsedMs: 0,
  isInUse: false,
  isPinned: false,
  ...over,
});
const of1000 = (freeBytes: number): { capacityBytes: number; freeBytes: number } => ({ capacityBytes: 1000, freeBytes });

it.each([
  { name: 'nothing while the disk has space', freeBytes: 151, images: [image('a')], remove: [] },
  {
    name: 'as much as is needed to come down to the low mark',
    freeBytes: 150,
    images: [image('a'), image('b'), image('c')],
    remove: ['a', 'b'],
  },
  {
    name: 'first what nobody used for longest',
    freeBytes: 150,
    images: [image('new', { lastUsedMs: 5 * MINUTE, sizeBytes: 50 }), image('old', { sizeBytes: 50 })],
    remove: ['old'],
  },
  { name: 'nothing that runs', freeBytes: 0, images: [image('a', { isInUse: true })], remove: [] },
  { name: 'nothing that was loaded by hand', freeBytes: 0, images: [image('a', { isPinned: true })], remove: [] },
  { name: 'nothing that was just asked for', freeBytes: 0, images: [image('a', { lastUsedMs: nowMs - MINUTE })], remove: [] },
])('removes $name', ({ freeBytes, images, remove }) => {
  expect(planCollection(images, { disk: of1000(freeBytes), limits, nowMs }).remove.map(({ place }) => place)).toEqual(remove);
});

it('says how much is wanted and how much it frees', () => {
  expect(planCollection([image('a')], { disk: of1000(100), limits, nowMs })).toMatchObject({ wantedBytes: 100, freedBytes: 40 });
});
