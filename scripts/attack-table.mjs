// @ts-check
// Prints what becomes of each hostile archive of the tests and how much memory it takes: `node scripts/attack-table.mjs`, with
// `--heavy` only those that try to exhaust the machine. Needs the build.
import { ATTACKS, HARMLESS, HEAVY_ATTACKS, titleOf } from '../__tests__/support/attacks.mjs';
import { runAttack } from '../__tests__/support/runAttack.mjs';

const NAME_WIDTH = 42;
const MIB = 1024 * 1024;

const attacks = [...(process.argv.includes('--heavy') ? [] : ATTACKS), ...HEAVY_ATTACKS, ...HARMLESS];
console.log(`${'archive'.padEnd(NAME_WIDTH)} ${'MiB'.padStart(7)}  ${'outcome'.padEnd(19)} ${'+ MiB'.padStart(6)}`);
console.log('-'.repeat(79));
let surprises = 0;
for (const attack of attacks) {
  const { code, message = '', sizeBytes, peakBytes } = await runAttack(attack);
  const isExpected = attack.reason === undefined ? code === undefined : attack.reason.test(message);
  if (!isExpected) surprises += 1;
  const outcome = `${code ?? 'read'}${isExpected ? '' : ' (!)'}`;
  const figures = [
    (sizeBytes / MIB).toFixed(2).padStart(7),
    outcome.padEnd(19),
    (peakBytes / MIB).toFixed(0).padStart(6),
  ];
  console.log(`${titleOf(attack).slice(0, NAME_WIDTH).padEnd(NAME_WIDTH)} ${figures[0]}  ${figures[1]} ${figures[2]}`);
  if (!isExpected) console.log(`  ${message}`);
}
console.log(`${attacks.length} archives, ${surprises} with another outcome than expected`);
process.exitCode = surprises === 0 ? 0 : 1;
