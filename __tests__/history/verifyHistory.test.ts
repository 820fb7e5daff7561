/** What somebody does to the files of the history shows, and where. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryVerification } from '../../interfaces/history.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

let folder: string;

/** Two files: one that was ended after five saves, and one of a module that still runs. */
let reader: ConfigPersistenceModule;
let ended: string;

beforeEach(async () => {
  folder = temporaryFolder();
  const living = await start();
  await living.saveConfiguration({ living: true }, join(folder, 'living.json'));
  await living.getOperationHistory();
  const first = await start();
  for (let count = 0; count < 5; count += 1) await first.saveConfiguration({ count });
  await first.destroy();
  ended = files().find((name) => name.endsWith('.audit'))!;
  reader = living;
});

const logFolder = (): string => join(folder, 'metadata', 'operations');
const files = (): string[] => readdirSync(logFolder()).map((name) => join(logFolder(), name));
/** Nothing but the operations of callers is written down, for there are no backups to look after. */
const start = () => startModule(folder, { autoBackupEnabled: false, maxVersionHistory: 1 });
const found = ({ breaks }: HistoryVerification) => breaks.map(({ type, segment, line }) => [type, segment, line]);

/** Lines count from 1: the first is the beginning, 2 to 6 are the saves. */
function rewrite(change: (lines: string[]) => string[]): void {
  const lines = readFileSync(ended, 'utf8').trimEnd().split('\n');
  writeFileSync(ended, `${change(lines).join('\n')}\n`);
}

it('is intact as it was written', async () => {
  expect(await reader.verifyOperationHistory()).toMatchObject({ isIntact: true, segments: 2, verifiedLines: 8 });
});

it.each<[string, (lines: string[]) => string[], [string, number?][]]>([
  ['an edited entry', (lines) => lines.with(3, lines[3]!.replace('"save"', '"load"')), [['altered', 4]]],
  ['an entry that was taken out', (lines) => lines.toSpliced(2, 1), [['altered', 3]]],
  ['an entry that was put in twice', (lines) => lines.toSpliced(3, 0, lines[2]!), [['altered', 4]]],
  [
    'two entries that were swapped',
    (lines) => [0, 1, 3, 2, 4, 5].map((index) => lines[index]!),
    [
      ['altered', 3],
      ['altered', 4],
      ['altered', 5],
    ],
  ],
  ['a line that is none', (lines) => lines.with(2, 'nothing'), [['altered', 3]]],
  ['a missing end', (lines) => lines.slice(0, -1), [['cut', 5]]],
  ['a missing beginning', (lines) => lines.slice(1), [['altered', 1]]],
])('tells of %s, and where', async (_, change, breaks) => {
  rewrite(change);
  const verification = await reader.verifyOperationHistory();
  expect(verification.isIntact).toBe(false);
  expect(found(verification)).toEqual(breaks.map(([type, line]) => [type, ended, line]));
  expect((await reader.getOperationHistory()).length).toBeGreaterThan(3);
});

it('tells of half a line at the end of a file that was ended', async () => {
  truncateSync(ended, statSync(ended).size - 10);
  expect(found(await reader.verifyOperationHistory())).toEqual([['altered', ended, 6]]);
});

it('knows what a killed writer leaves, and says nothing of it', async () => {
  const open = files().find((name) => name.endsWith('.open'))!;
  await reader.destroy();
  const [left] = files().filter((name) => name !== ended);
  renameSync(left!, open);
  writeFileSync(open, `${readFileSync(open, 'utf8')}0123456789abcdef {"record":"oper`);
  reader = await start();
  expect(await reader.verifyOperationHistory()).toMatchObject({ isIntact: true });
  await reader.saveConfiguration({ later: true });
  expect((await reader.getOperationHistory())[0]).toMatchObject({ details: { revision: 6 } });
});

it('tells of a whole file that is gone, and of one that is cut, once another one knew it', async () => {
  const two = [await start(), await start()];
  for (const one of two) {
    await one.saveConfiguration({ at: one.getInfo().id });
    await one.getOperationHistory();
  }
  for (const one of two) await one.destroy();
  // It goes on with one of the two files that were ended, and knows the other.
  const later = await start();
  await later.saveConfiguration({ later: 1 });
  await later.destroy();
  const known = files().filter((name) => name.endsWith('.audit'));
  expect(known).toHaveLength(2);
  expect(await reader.verifyOperationHistory()).toMatchObject({ isIntact: true });

  const isKnown = (name: string) =>
    readFileSync(
      known.find((one) => one !== name)!,
      'utf8',
    ).includes(nameOf(name));
  const one = known.find(isKnown)!;
  const text = readFileSync(one, 'utf8');
  const { [0]: first = '', [1]: hash = '' } = /([0-9a-f]{32}) .*\n/u.exec(text) ?? [];
  // Whoever cuts it may rename it too.
  rmSync(one);
  const cut = one.replace(/\.[0-9a-f]{32}\.audit$/u, `.${hash}.audit`);
  writeFileSync(cut, first);
  expect(found(await reader.verifyOperationHistory())).toEqual([['cut', cut, undefined]]);
  rmSync(cut);
  const [gone] = (await reader.verifyOperationHistory()).breaks;
  expect(gone).toMatchObject({ type: 'missing' });
  expect(gone?.segment).toContain(nameOf(one));
});

const nameOf = (path: string): string => /\d{15}-[0-9a-f]{12}/u.exec(path)![0];
