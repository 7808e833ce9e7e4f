import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { configMaps } from '#api/resources.ts';
import { isRecord } from '#kit/json.ts';
import { type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const PATH = '/api/v1/namespaces/default/configmaps';
const COUNT = 24;
const TEXT = 'x'.repeat(1_000_000);

let api: SignedInApi;
beforeAll(async () => {
  api = await startSignedInApi();
  for (let index = 0; index < COUNT; index += 1) await create(`big-${index}`, TEXT);
});
afterAll(() => api.close());

const create = (name: string, text: string): Promise<unknown> =>
  api.api.client.create(configMaps, { metadata: { name, namespace: 'default' }, data: { text } });

const open = (query: string): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${api.port}${PATH}?watch=true${query}`, { headers: { authorization: 'Bearer admin' } });

function eventsOf(socket: WebSocket): readonly string[] {
  const events: string[] = [];
  socket.on('message', (data: Buffer) => {
    const event: unknown = JSON.parse(String(data));
    const object = isRecord(event) && isRecord(event['object']) ? event['object'] : {};
    const { metadata } = object;
    const name = isRecord(metadata) ? metadata['name'] : undefined;
    events.push(`${isRecord(event) ? String(event['type']) : ''} ${String(name ?? object['code'])}`);
  });
  return events;
}

it('API-2: a list of more than 16 MiB comes whole to a client that reads slowly, and what changes meanwhile behind it', async () => {
  const socket = open('');
  const events = eventsOf(socket);
  await once(socket, 'open');
  socket.pause();
  await create('later', 'small');
  await create('last', 'small');
  socket.resume();
  await expect.poll(() => events.length, { timeout: 20_000 }).toBe(COUNT + 2);
  expect(events.slice(0, COUNT).toSorted()).toEqual(Array.from({ length: COUNT }, (_, index) => `ADDED big-${index}`).toSorted());
  expect(events.slice(COUNT)).toEqual(['ADDED later', 'ADDED last']);
  socket.terminate();
});

it('API-2: a version that is not kept is told as an ERROR event, and then the connection ends', async () => {
  const socket = open('&resourceVersion=99999999');
  const events = eventsOf(socket);
  const [code] = await once(socket, 'close');
  expect({ events, code }).toEqual({ events: ['ERROR 410'], code: 1000 });
});

it.each([
  { name: 'a selector that is none', query: '&labelSelector=%3D%3D%3D', status: 400 },
  { name: 'options that don’t go together', query: '&sendInitialEvents=true', status: 422 },
  { name: 'a version that is none', query: '&resourceVersion=x', status: 400 },
])('API-2: $name is refused before the connection is a WebSocket', async ({ query, status }) => {
  const socket = open(query).on('error', () => {});
  const [, answer] = await once(socket, 'unexpected-response');
  expect(answer).toMatchObject({ statusCode: status });
  socket.terminate();
});

it('API-2: a watch whose time is up ends in order', async () => {
  const socket = open('&timeoutSeconds=1&fieldSelector=metadata.name%3Dlater');
  const events = eventsOf(socket);
  const [code] = await once(socket, 'close');
  expect({ events, code }).toEqual({ events: ['ADDED later'], code: 1000 });
});
