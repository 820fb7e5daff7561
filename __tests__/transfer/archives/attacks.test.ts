/** Archives that want to write elsewhere, hide something or exhaust the machine are refused, and cost little. */
import { ATTACKS, HARMLESS, HEAVY_ATTACKS, titleOf, type Attack } from '../../support/attacks.mjs';
import { runAttack } from '../../support/runAttack.mjs';
import { isLong } from '../../support/runs.js';
import { read } from './archiveFixture.js';

const MIB = 1024 * 1024;
/** Beyond the idle process; the heap alone may grow to more. */
const MAX_EXTRA_BYTES = 100 * MIB;

/** Minutes of work together; `npm run test:attacks` runs all of them. */
const LONG = /100,00[01]|1[89]0 MiB|40 MiB|300 MiB|zeros behind/u;
const HEAVY = [...HEAVY_ATTACKS, ...HARMLESS].filter((attack) => isLong || !LONG.test(titleOf(attack)));

const titled = (attacks: readonly Attack[]): [string, Attack][] => attacks.map((attack) => [titleOf(attack), attack]);

describe('A hostile archive', () => {
  it.each(titled(ATTACKS))('is refused for what it is: %s', async (_title, { format, make, reason }) => {
    await expect(read(format, make())).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_REFUSED',
      message: expect.stringMatching(reason!),
    });
  });

  it.each(titled(HEAVY.filter((attack) => attack.reason !== undefined)))(
    'is refused with little memory: %s',
    async (_title, attack) => {
      const outcome = await runAttack(attack);

      expect(outcome).toMatchObject({
        code: 'ERR_ARCHIVE_REFUSED',
        message: expect.stringMatching(attack.reason!),
      });
      expect(outcome.peakBytes).toBeLessThan(MAX_EXTRA_BYTES);
    },
  );
});

describe('A large archive without guile', () => {
  it.each(titled(HEAVY.filter((attack) => attack.reason === undefined)))(
    'is read with little memory: %s',
    async (_title, attack) => {
      const { code, peakBytes } = await runAttack(attack);

      expect(code).toBeUndefined();
      expect(peakBytes).toBeLessThan(MAX_EXTRA_BYTES);
    },
  );
});
