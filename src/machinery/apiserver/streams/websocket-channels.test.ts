import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { trusted } from '#kit/json.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { WebSocketChannels } from './websocket-channels.ts';

it('asks a silent client for a sign of life, until it has gone', async () => {
  const clock = new FakeClock();
  const ping = vi.fn<() => void>();
  const webSocket = Object.assign(new EventEmitter(), { ping });
  const channels = new WebSocketChannels(trusted<WebSocket>(webSocket), { subprotocol: 'v5.channel.k8s.io', clock });
  await clock.step(30_000);
  await clock.step(30_000);
  expect(ping).toHaveBeenCalledTimes(2);
  webSocket.emit('close');
  expect(channels.gone.aborted).toBe(true);
  expect(clock.timers).toBe(0);
});
