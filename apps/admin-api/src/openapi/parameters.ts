import { values } from '@provisor/contracts';

/** The id of an object at its data store, as a path or query parameter. */
export const objectIdOf = values.objectId.describe('Id of the object at its data store');
export const spConnectionName = values.name.describe('Name of the SP connection');
export const dataStoreName = values.name.describe('Name of the data store');
