import { Client, credentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { SystemClock } from '#kit/clock.ts';
import { fromGrpcStatus } from '../csi/grpc-status.ts';

/** What a plugin says of itself (`pluginregistration.v1`, PluginInfo). */
export interface PluginInfo {
  /** `CSIPlugin` for storage drivers. */
  readonly type: string;
  readonly name: string;
  /** Path of the socket that serves the plugin; empty = the registration socket itself. */
  readonly endpoint: string;
  readonly supportedVersions: readonly string[];
}

/** The type of CSI drivers (k8s.io/kubelet/pkg/apis/pluginregistration/v1). */
export const CSI_PLUGIN = 'CSIPlugin';

const SERVICE = '/pluginregistration.Registration';
/** Field numbers of the protocol's messages: PluginInfo, then RegistrationStatus. */
const INFO = { type: 1, name: 2, endpoint: 3, supportedVersions: 4 } as const;
const STATUS = { isRegistered: 1, error: 2 } as const;
/** Wire types: a number, and what has a length. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Asks the plugin behind a registration socket what it is. @throws PlatformError with the code of the answer; `Unavailable` where nobody serves */
export function getPluginInfo(socketPath: string, timeoutMs: number): Promise<PluginInfo> {
  return call(socketPath, { path: `${SERVICE}/GetInfo`, request: Buffer.alloc(0), decode: decodeInfo, timeoutMs });
}

/** Tells the plugin whether it is registered, as the kubelet does. @throws PlatformError */
export function notifyRegistration(socketPath: string, error: string | undefined, timeoutMs: number): Promise<void> {
  const writer = protobuf.Writer.create();
  if (error === undefined) writer.uint32((STATUS.isRegistered << 3) | VARINT).bool(true);
  else writer.uint32((STATUS.error << 3) | LENGTH_DELIMITED).string(error);
  const request = Buffer.from(writer.finish());
  return call(socketPath, { path: `${SERVICE}/NotifyRegistrationStatus`, request, decode: () => undefined, timeoutMs });
}

interface Call<T> {
  readonly path: string;
  readonly request: Buffer;
  readonly decode: (bytes: Buffer) => T;
  readonly timeoutMs: number;
}

function call<T>(socketPath: string, { path, request, decode, timeoutMs }: Call<T>): Promise<T> {
  const client = new Client(`unix:${socketPath}`, credentials.createInsecure());
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  // oxlint-disable-next-line max-params -- the signature is grpc-js's
  client.makeUnaryRequest(
    path,
    (bytes: Buffer) => bytes,
    decode,
    request,
    { deadline: new SystemClock().nowMs() + timeoutMs },
    (error, answer) => {
      client.close();
      // why decoded again: an empty answer comes as undefined in grpc-js's types only
      if (error === null) resolve(answer ?? decode(Buffer.alloc(0)));
      else reject(fromGrpcStatus(error, { method: path, silence: undefined }));
    },
  );
  return promise;
}

function decodeInfo(bytes: Buffer): PluginInfo {
  const reader = protobuf.Reader.create(bytes);
  const texts: Record<number, string> = {};
  const supportedVersions: string[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if ((tag & 7) !== LENGTH_DELIMITED) reader.skipType(tag & 7);
    else if (field === INFO.supportedVersions) supportedVersions.push(reader.string());
    else texts[field] = reader.string();
  }
  return { type: texts[INFO.type] ?? '', name: texts[INFO.name] ?? '', endpoint: texts[INFO.endpoint] ?? '', supportedVersions };
}
