import type { ServiceReference, WebhookClientConfig } from '../../generated/kubernetes.ts';
import { invalid, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';

const MAX_PORT = 65_535;
const URL_FORM = '; desired format: https://host[/path]';

/** Faults of how a webhook is reached (apiserver pkg/util/webhook/validation.go). */
export function validateWebhookClient({ url, service }: Partial<WebhookClientConfig>, field: string): readonly FieldError[] {
  if ((url === undefined) === (service === undefined)) return [required(field, 'exactly one of url or service is required')];
  if (url !== undefined) return validateUrl(url, `${field}.url`);
  return service === undefined ? [] : validateService(service, `${field}.service`);
}

function validateUrl(url: string, field: string): readonly FieldError[] {
  const parsed = URL.parse(url);
  if (parsed === null) return [required(field, `url must be a valid URL${URL_FORM}`)];
  const faults: FieldError[] = [];
  if (parsed.protocol !== 'https:')
    faults.push(invalid(field, parsed.protocol.slice(0, -1), `'https' is the only allowed URL scheme${URL_FORM}`));
  if (parsed.host === '') faults.push(invalid(field, parsed.host, `host must be specified${URL_FORM}`));
  if (parsed.username !== '') faults.push(invalid(field, parsed.username, 'user information is not permitted in the URL'));
  if (parsed.hash !== '') faults.push(invalid(field, parsed.hash, 'fragments are not permitted in the URL'));
  if (parsed.search !== '') faults.push(invalid(field, parsed.search, 'query parameters are not permitted in the URL'));
  return faults;
}

function validateService({ name = '', namespace = '', path, port }: Partial<ServiceReference>, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (name === '') faults.push(required(`${field}.name`, 'service name is required'));
  if (namespace === '') faults.push(required(`${field}.namespace`, 'service namespace is required'));
  if (port !== undefined && (port < 1 || port > MAX_PORT))
    faults.push(invalid(`${field}.port`, port, `port is not valid: must be between 1 and ${MAX_PORT}, inclusive`));
  if (path !== undefined && path !== '' && !path.startsWith('/')) faults.push(invalid(`${field}.path`, path, "must start with a '/'"));
  return faults;
}
