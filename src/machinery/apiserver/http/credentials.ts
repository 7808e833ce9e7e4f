import { TLSSocket } from 'node:tls';
import type { Credentials } from '../access/authentication.ts';
import { headerOf, type HttpRequest } from './messages.ts';

const BEARER = /^Bearer +([\w.~+/=-]+) *$/i;

/** What a request and its connection show of who asks. */
export function credentialsOf(request: HttpRequest): Credentials {
  const header = headerOf(request, 'authorization');
  // why: a header that is no bearer token is still a try to sign in, so it must not count as anonymous
  const bearerToken = header === '' ? undefined : (BEARER.exec(header)?.[1] ?? header);
  return { bearerToken, certificate: certificateOf(request) };
}

/** A connection shows its certificate once, when it is made; reading it costs more than all else here. */
const known = new WeakMap<object, Credentials['certificate']>();

function certificateOf({ socket }: HttpRequest): Credentials['certificate'] {
  // why: over HTTP/2 `request.socket` is a guarding proxy; the session has the same reading methods behind it
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  if (!known.has(socket)) known.set(socket, readCertificate(socket));
  return known.get(socket);
}

function readCertificate(socket: TLSSocket): Credentials['certificate'] {
  const subject = socket.getPeerX509Certificate()?.subject;
  if (subject === undefined) return undefined;
  const parts = subject.split('\n').map((line) => line.split('='));
  const values = (key: string): string[] => parts.filter(([name]) => name === key).map(([, ...value]) => value.join('='));
  return { commonName: values('CN')[0] ?? '', organizations: values('O') };
}
