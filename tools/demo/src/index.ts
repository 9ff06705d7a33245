export {
  BASE_DN,
  generateOrganisation,
  GROUPS_DN,
  PEOPLE_DN,
  type Group,
  type Organisation,
  type Person,
} from './organisation/organisation.js';
export { toLdif } from './organisation/ldif.js';
export { DirectoryClient, type DirectoryGroup, type DirectoryPerson } from './directory/directory-client.js';
export {
  compare,
  type Comparison,
  type DirectoryContent,
  type ServiceProviderContent,
} from './comparison/comparison.js';
