export { LdapSource, type LdapSourceOptions } from './ldap-source.js';
