import { formatMicroTime } from '#kit/clock.ts';
import type { UserInfo } from '../../contract/user.ts';
import type { AuditRecord } from '../../contract/audit.ts';

/** How much of a request is kept (audit.k8s.io/v1 Level). */
export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse';

/** A request as audit.k8s.io/v1 writes it: one JSON line. */
export function formatAuditEvent(record: AuditRecord, level: Exclude<AuditLevel, 'None'>): string {
  const { user, notes, origin } = record;
  const event = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level,
    auditID: record.id,
    stage: 'ResponseComplete',
    requestURI: origin?.uri ?? pathOf(record),
    verb: record.verb,
    ...(user.impersonator === undefined
      ? { user: describeUser(user) }
      : { user: { username: user.impersonator }, impersonatedUser: describeUser(user) }),
    ...(origin === undefined ? {} : { sourceIPs: [origin.address], userAgent: origin.userAgent }),
    objectRef: objectRef(record),
    responseStatus: {
      metadata: {},
      ...(record.reason === undefined ? {} : { status: 'Failure', reason: record.reason, message: record.message }),
      code: record.code,
    },
    ...(level === 'Metadata' || notes.requestObject === undefined ? {} : { requestObject: notes.requestObject }),
    ...(level !== 'RequestResponse' || record.responseObject === undefined ? {} : { responseObject: record.responseObject }),
    requestReceivedTimestamp: formatMicroTime(record.receivedMs),
    stageTimestamp: formatMicroTime(record.endedMs),
    ...(notes.annotations.size === 0 ? {} : { annotations: Object.fromEntries(notes.annotations) }),
  };
  return `${JSON.stringify(event)}\n`;
}

function describeUser({ name, uid, groups, extra }: UserInfo): object {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) };
}

function objectRef({ resource, namespace, name, subresource }: AuditRecord): object {
  return {
    resource: resource.plural,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { apiGroup: resource.group }),
    apiVersion: resource.version,
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** The path that a request of this process would have had. */
function pathOf({ resource, namespace, name, subresource, verb }: AuditRecord): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const own = verb === 'create' && subresource === '' ? '' : name;
  return [root, ...(namespace === '' ? [] : ['namespaces', namespace]), resource.plural, own, subresource]
    .filter((part) => part !== '')
    .join('/');
}
