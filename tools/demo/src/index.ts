export {
  BASE_DN,
  generateOrganisation,
  GROUPS_DN,
  PEOPLE_DN,
  personDn,
  type Group,
  type Organisation,
  type Person,
} from './organisation/organisation.js';
export { personAttributes, toLdif, type Attributes } from './organisation/ldif.js';
export { DEPARTMENTS, NAME_SETS, type Department } from './organisation/names.js';
export { Random, uuidOf } from './organisation/random.js';
export { percentile } from './changes/percentile.js';
export { table } from './terminal/table.js';
export { Screen, seconds } from './terminal/screen.js';
export { DirectoryClient, type DirectoryGroup, type DirectoryPerson } from './directory/directory-client.js';
export {
  compare,
  type Comparison,
  type DirectoryContent,
  type ServiceProviderContent,
} from './comparison/comparison.js';
