/** Which backup is the newer one: by version, and by the clock only where there is none. */
import fc from 'fast-check';
import { newestFirstByVersion } from '../../../src/backup/retention/orderOfBackups.js';

function made(id: string, createdAt: number, sequence: number) {
  return { id, createdAt, sequence };
}

function order(backups: readonly ReturnType<typeof made>[], present = 100): string {
  return newestFirstByVersion(backups, present)
    .map(({ id }) => id)
    .join('');
}

it('goes by version where the clock says something else', () => {
  expect(order([made('a', 50, 1), made('b', 60, 2), made('c', 10, 3), made('d', 20, 4)])).toBe('dcba');
});

it('puts what has no version where the clock puts it among those that have one', () => {
  expect(order([made('a', 5, 0), made('b', 10, 1), made('c', 15, 0), made('d', 20, 2)])).toBe('dcba');
  expect(order([made('b', 50, 8), made('a', 1, 0), made('c', 2, 9), made('d', 3, 0)])).toBe('dcba');
});

it('takes numbers above that of the present version for those of lost records, and older', () => {
  expect(order([made('a', 10, 20), made('b', 20, 21), made('c', 30, 1), made('d', 40, 2)], 3)).toBe('dcba');
});

it('goes by the clock where no version is known', () => {
  expect(order([made('b', 2, 1), made('a', 1, 2), made('c', 3, 0)], 0)).toBe('cba');
});

it('is one order, whatever order it is asked in', () => {
  const one = fc.record({
    id: fc.uuid(),
    createdAt: fc.integer({ min: 0, max: 20 }),
    sequence: fc.integer({ min: 0, max: 9 }),
  });
  const backups = fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 12 });
  fc.assert(
    fc.property(backups, fc.integer({ min: 0, max: 9 }), (given, present) => {
      const ids = newestFirstByVersion(given, present).map(({ id }) => id);
      expect(newestFirstByVersion(given.toReversed(), present).map(({ id }) => id)).toEqual(ids);
      expect(ids).toHaveLength(given.length);
    }),
  );
});
