import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { trusted } from '#kit/json.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { CHANNEL_PROTOCOLS } from './channel-frames.ts';
import { WebSocketChannels } from './websocket-channels.ts';

const [V5 = { name: '', encoding: 'binary', outcome: 'status', canEnd: true }] = CHANNEL_PROTOCOLS;

it('asks a silent client for a sign of life, until it has gone', async () => {
  const clock = new FakeClock();
  const ping = vi.fn<() => void>();
  const webSocket = Object.assign(new EventEmitter(), { ping });
  const channels = new WebSocketChannels(trusted<WebSocket>(webSocket), { protocol: V5, clock });
  await clock.step(30_000);
  await clock.step(30_000);
  expect(ping).toHaveBeenCalledTimes(2);
  webSocket.emit('close');
  expect(channels.gone.aborted).toBe(true);
  expect(clock.timers).toBe(0);
});
