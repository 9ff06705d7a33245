import { ProblemError, type AdminClient, type ObjectExplanation } from '@provisor/admin-client';
import { CommandError, EXIT } from './exit.js';

const MOST_CANDIDATES = 8;

/** What is told of an argument that names an object. */
export const OBJECT_HINT = 'id, user name or DN, or a part that fits one object only';

/** The id itself where a dispatcher knows it, otherwise that of the one object whose label fits. */
export async function objectIdOf(client: AdminClient, connection: string, object: string): Promise<string> {
  const { objects } = await client.searchObjects({
    query: { label: object, spConnection: connection, limit: MOST_CANDIDATES },
  });
  if (objects.some(({ objectId }) => objectId === object)) return object;
  if (objects.length <= 1) return objects[0]?.objectId ?? object;
  const lines = objects.map(({ objectId, label }) => `${objectId}  ${label ?? ''}`);
  throw new CommandError(EXIT.failed, `Several objects fit "${object}"; be more exact, or give an id.`, lines);
}

export interface FoundObject {
  readonly objectId: string;
  /** Absent where no dispatcher answers who could know it. */
  readonly known?: ObjectExplanation;
}

/** For a command that would do nothing for an object that nobody knows: that is a mistake then. */
export async function findObject(client: AdminClient, connection: string, object: string): Promise<FoundObject> {
  const objectId = await objectIdOf(client, connection, object);
  try {
    return { objectId, known: await client.explainObject({ params: { name: connection, objectId } }) };
  } catch (error) {
    if (error instanceof ProblemError && error.status === 503) return { objectId };
    throw error;
  }
}
