import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import { CHANNEL_PROTOCOLS, chooseChannelProtocol, decodeFrame, encodeFrame } from './channel-frames.ts';

const asking = (protocols: string | undefined): IncomingMessage => trusted({ headers: { 'sec-websocket-protocol': protocols } });

describe('API-1: streams on a WebSocket', () => {
  it.each([
    { offered: 'v4.channel.k8s.io, v5.channel.k8s.io', chosen: 'v5.channel.k8s.io' },
    { offered: 'channel.k8s.io', chosen: 'channel.k8s.io' },
    { offered: 'base64.channel.k8s.io', chosen: 'base64.channel.k8s.io' },
    { offered: undefined, chosen: '' },
  ])('$offered is spoken as $chosen', ({ offered, chosen }) => {
    expect(chooseChannelProtocol(asking(offered)).name).toBe(chosen);
  });

  it('refuses what nobody speaks, naming what is', () => {
    expect(() => chooseChannelProtocol(asking('v9.channel.k8s.io'))).toThrow(
      /none of the subprotocols \["v9.channel.k8s.io"\] is served; served are v5/,
    );
  });

  it.each(CHANNEL_PROTOCOLS)('carries any bytes as "$name"', (protocol) => {
    const frame = { channel: 3, bytes: Buffer.from([0, 255, 10, 0xd8]) };
    const sent = encodeFrame(protocol, frame);
    expect(typeof sent).toBe(protocol.encoding === 'base64' ? 'string' : 'object');
    expect(decodeFrame(protocol, Buffer.from(sent))).toEqual(frame);
    expect(decodeFrame(protocol, Buffer.of())).toBeUndefined();
  });
});
