import type { LdapDataStoreSpec } from '@provisor/contracts';
import { SecretProblem, type SecretResolver } from '@provisor/host';
import { SourceProblem, type ObjectSource } from '@provisor/provisioning';
import { LdapSource } from '@provisor/source-ldap';

/** The source of a data store's type. Throws SourceProblem when its specification cannot be used. */
export function openSource(spec: LdapDataStoreSpec, secrets: SecretResolver): ObjectSource {
  const { bind } = spec;
  if (bind === undefined) return new LdapSource({ spec });
  const password = () =>
    secrets.resolve(bind.password).catch((error: unknown) => {
      if (error instanceof SecretProblem) throw new SourceProblem('configuration', error.message, error);
      throw error;
    });
  return new LdapSource({ spec, password });
}
