/** What is wrong with a port's name by IANA's rule for service names (RFC 6335, section 5.1; apimachinery IsValidPortName); undefined where nothing is. Pure. */
export function portNameProblem(name: string): string | undefined {
  return PORT_NAME.test(name) ? undefined : 'must be at most 15 lower case letters, digits and single hyphens, with at least one letter';
}

const PORT_NAME = /^(?=.{1,15}$)(?!.*--)(?=.*[a-z])[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
