export { generateOrganisation, type Group, type Organisation, type Person } from './organisation/organisation.js';
export { toLdif } from './organisation/ldif.js';
