import type { SpConnectionStatus } from '@provisor/admin-client';
import { table } from './table.js';

/** What fails most at an SP connection; empty where nothing does. */
export const failuresText = ({ failures }: Pick<SpConnectionStatus, 'failures'>): string =>
  failures === undefined || failures.length === 0
    ? ''
    : table(
        [
          { title: 'OBJECTS', value: ({ objects }) => String(objects), align: 'right' },
          { title: 'OUTCOME', value: ({ outcome }) => outcome },
          { title: 'CODE', value: ({ code }) => code },
          { title: 'FOR EXAMPLE', value: ({ example }) => example ?? '' },
        ],
        failures,
      );
