export { createScimConnector, profileProblem, type ConnectorLog, type ScimConnectorOptions } from './scim-connector.js';
export { SCIM_CODES, type ScimCode } from './codes.js';
export {
  vendorProfile,
  type NamedProfile,
  type ProfileDeviations,
  type VendorProfile,
} from './profile/vendor-profile.js';
export { NAMED_PROFILES } from './profile/named-profiles.js';
export { mergeProfile, namedDeviations, ProfileProblem } from './profile/merge-profile.js';
