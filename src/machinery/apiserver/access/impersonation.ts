import { badRequest } from '../contract/status-error.ts';
import { requireAllowed } from './authorization.ts';
import type { Authorizer } from '../contract/authorizer.ts';
import { serviceAccountGroups } from './rbac/subjects.ts';
import { ANONYMOUS, AUTHENTICATED_GROUP, type UserInfo } from '../contract/user.ts';

/** Names and values of headers in the order in which they came, as Node's `rawHeaders`. */
type RawHeaders = readonly string[];

const EXTRA = 'impersonate-extra-';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

interface Wanted {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * As whom `user` wants to act (`kubectl --as`), if he may `impersonate` all of it; himself where he asks for nobody (apiserver endpoints/filters/impersonation).
 * @throws ApiError 400, 403
 */
export function impersonate(authorizer: Authorizer, user: UserInfo, headers: RawHeaders): UserInfo {
  const wanted = readWanted(headers);
  if (wanted === undefined) return user;
  requireEach(authorizer, user, wanted);
  const account = SERVICE_ACCOUNT.exec(wanted.user);
  const groups = account === null || wanted.groups.length > 0 ? wanted.groups : serviceAccountGroups(account[1] ?? '');
  const isAnonymous = wanted.user === ANONYMOUS.name;
  return {
    name: wanted.user,
    groups: [...new Set([...groups, ...(isAnonymous ? ANONYMOUS.groups : [AUTHENTICATED_GROUP])])],
    ...(wanted.uid === '' ? {} : { uid: wanted.uid }),
    ...(Object.keys(wanted.extra).length === 0 ? {} : { extra: wanted.extra }),
    impersonator: user.name,
  };
}

function readWanted(headers: RawHeaders): Wanted | undefined {
  const asked = impersonationHeaders(headers);
  const unknown = asked.find(([name]) => !KNOWN.has(name) && !name.startsWith(EXTRA));
  if (unknown !== undefined)
    throw badRequest(`the header ${unknown[0].slice(0, 100)} is not known: use Impersonate-User, -Group, -Uid or -Extra-KEY`);
  const valuesOf = (wanted: string): string[] => asked.filter(([name]) => name === wanted).map(([, value]) => value);
  const user = valuesOf('impersonate-user').at(-1) ?? '';
  if (user === '' && asked.length > 0) {
    throw badRequest('requested groups, a uid or extra fields without impersonating a user: send Impersonate-User too');
  }
  const extraNames = [...new Set(asked.map(([name]) => name).filter((name) => name.startsWith(EXTRA)))];
  const extra = Object.fromEntries(extraNames.map((name) => [unescape(name.slice(EXTRA.length)), valuesOf(name)]));
  return user === '' ? undefined : { user, uid: valuesOf('impersonate-uid').at(-1) ?? '', groups: valuesOf('impersonate-group'), extra };
}

const KNOWN: ReadonlySet<string> = new Set(['impersonate-user', 'impersonate-uid', 'impersonate-group']);

function impersonationHeaders(headers: RawHeaders): readonly (readonly [name: string, value: string])[] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    if (name.startsWith('impersonate-')) found.push([name, headers[index + 1] ?? '']);
  }
  return found;
}

function unescape(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // why: the only fault that decoding knows is a broken escape
    throw badRequest(`the header ${EXTRA}${key.slice(0, 100)} has a broken %-escape`);
  }
}

function requireEach(authorizer: Authorizer, user: UserInfo, wanted: Wanted): void {
  const require = (what: { group?: string; plural: string; namespace?: string; name: string; subresource?: string }): void => {
    const { group = '', plural, namespace = '', name, subresource = '' } = what;
    requireAllowed(authorizer, {
      type: 'resource',
      user,
      verb: 'impersonate',
      resource: { group, version: 'v1', plural },
      subresource,
      namespace,
      name,
    });
  };
  const [, namespace, account] = SERVICE_ACCOUNT.exec(wanted.user) ?? [];
  if (namespace !== undefined && account !== undefined) require({ plural: 'serviceaccounts', namespace, name: account });
  else require({ plural: 'users', name: wanted.user });
  for (const name of wanted.groups) require({ plural: 'groups', name });
  const group = 'authentication.k8s.io';
  if (wanted.uid !== '') require({ group, plural: 'uids', name: wanted.uid });
  for (const [subresource, values] of Object.entries(wanted.extra)) {
    for (const name of values) require({ group, plural: 'userextras', subresource, name });
  }
}
