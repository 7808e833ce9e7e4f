import { expect, it } from 'vitest';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { type Image, ImageNotAvailable, type ImageRequest, type ImageStore } from './image.ts';
import { ImagePulls } from './image-pulls.ts';

const image: Image = { id: 'i', rootDir: '/i', env: [], entrypoint: [], cmd: [], workingDir: '', user: { uid: 0, gid: 0 }, hostPaths: [] };
const asking = (reference: string): ImageRequest => ({ reference, policy: 'IfNotPresent', credentials: [] });

/** A store whose fetches end when the test says so. */
class SlowStore implements ImageStore {
  readonly fetches: { readonly reference: string; readonly end: (error?: Error) => void }[] = [];
  findHere = async ({ reference }: ImageRequest): Promise<Image | undefined> => (reference === 'here' ? image : undefined);
  fetch = ({ reference }: ImageRequest, signal: AbortSignal): Promise<Image> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      this.fetches.push({ reference, end: (error) => (error === undefined ? resolve(image) : reject(error)) });
    });
  list = async (): Promise<readonly []> => [];
}

function start(): { readonly store: SlowStore; readonly pulls: ImagePulls; readonly clock: FakeClock } {
  const store = new SlowStore();
  const clock = new FakeClock();
  return { store, clock, pulls: new ImagePulls({ images: store, clock, signal: new AbortController().signal }) };
}

it('answers at once with what is here, whoever else waits', async () => {
  const { pulls } = start();
  for (let index = 0; index < 9; index++) expect(await pulls.take(`p/${index}`, asking('away'), () => {})).toBeUndefined();
  expect(await pulls.take('q/main', asking('here'), () => {})).toEqual({ image });
});

it('fetches once, says when that has ended and how long it took, and then forgets', async () => {
  const { pulls, store, clock } = start();
  const ended = Promise.withResolvers<void>();
  expect(await pulls.take('p/main', asking('away'), ended.resolve)).toBeUndefined();
  expect(await pulls.take('p/main', asking('away'), () => {})).toBeUndefined();
  await clock.step(1500);
  store.fetches[0]?.end();
  await ended.promise;
  expect(store.fetches).toHaveLength(1);
  expect(await pulls.take('p/main', asking('away'), () => {})).toEqual({ image, tookMs: 1500 });
  expect(await pulls.take('p/main', asking('away'), () => {})).toBeUndefined();
});

it('throws once what a fetch ended with, and then tries again', async () => {
  const { pulls, store } = start();
  const ended = Promise.withResolvers<void>();
  await pulls.take('p/main', asking('away'), ended.resolve);
  await settle();
  store.fetches[0]?.end(new ImageNotAvailable('away', 'no'));
  await ended.promise;
  await expect(pulls.take('p/main', asking('away'), () => {})).rejects.toMatchObject({ reason: 'ErrImagePull' });
  expect(await pulls.take('p/main', asking('away'), () => {})).toBeUndefined();
});

it('fetches four at a time', async () => {
  const { pulls, store } = start();
  for (let index = 0; index < 6; index++) await pulls.take(`p/${index}`, asking(`away-${index}`), () => {});
  await settle();
  expect(store.fetches).toHaveLength(4);
});

it('gives up what is fetched for a pod that is gone, and begins what waited behind it', async () => {
  const { pulls, store } = start();
  for (let index = 0; index < 6; index++) await pulls.take(`gone/${index}`, asking(`away-${index}`), () => {});
  await pulls.take('other/main', asking('wanted'), () => {});
  pulls.forget('gone/');
  await settle();
  expect(store.fetches.map(({ reference }) => reference)).toEqual(['away-0', 'away-1', 'away-2', 'away-3', 'wanted']);
});

it('many pods that wait for one image leave places for other images', async () => {
  const { pulls, store } = start();
  for (let index = 0; index < 6; index++) await pulls.take(`p/${index}`, asking('slow'), () => {});
  await pulls.take('q/main', asking('wanted'), () => {});
  await settle();
  expect(store.fetches.map(({ reference }) => reference)).toEqual(['slow', 'wanted']);
  store.fetches[0]?.end();
  await settle();
  expect(store.fetches).toHaveLength(3);
});
