// @ts-check
// What the demo does with each sample file: load, edit, save, verify, convert, load again, and an edit from outside.
import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from './report.mjs';

/** @import { ConfigPersistenceModule, ConfigurationData, ConfigurationObject } from 'rcc-config-persistence' */
/** @import { Report } from './report.mjs' */
/** @import { SampleFile } from './sampleFiles.mjs' */

/** Longer than the grain of the clock that stamps files. */
const QUIET_MS = 50;

/**
 * @typedef {object} Place
 * @property {ConfigPersistenceModule} module
 * @property {string} folder Where the copies of the sample files are.
 * @property {Report} report
 */

/** @param {Place} place @param {SampleFile} sample @param {string} nextExtension */
export async function runFileSteps(place, sample, nextExtension) {
  const edited = await editAndSave(place, sample);
  if (edited === undefined) return;
  await verify(place, sample.name);
  await convert(place, sample.name, nextExtension);
  await loadFromCache(place, sample.name);
  await editFromOutside(place, sample.name);
}

/** @param {Place} place @param {SampleFile} sample */
async function editAndSave({ module, folder, report }, { name, edit }) {
  const path = join(folder, name);
  const before = await readFile(path, 'utf8');

  const loaded = await report.step('load', name, async (time) => {
    const result = await time.measure(() => module.loadConfiguration(path));
    expect(result.isValid, 'a file that was never saved here counts as invalid');
    expect(result.checksum === sha256(before), 'the checksum is not that of the file');
    return { checked: `${countLeaves(result.data)} values; checksum ${result.checksum.slice(0, 12)}`, result };
  });
  if (loaded === undefined) return undefined;

  return report.step('edit and save', name, async (time) => {
    const value = /** @type {ConfigurationObject} */ (loaded.data);
    edit(value);
    const saved = await time.measure(() => module.saveConfiguration(value, path));
    const after = await readFile(path, 'utf8');
    expect(saved.success && saved.checksum === sha256(after), 'the file does not have the bytes that the result tells');
    expect(saved.fileSize === Buffer.byteLength(after), 'the file does not have the size that the result tells');
    const again = await module.loadConfiguration(path);
    expect(again.isValid && isDeepStrictEqual(again.data, value), 'the file does not give back what was saved');
    return { checked: `reloads equal; ${describeForm(before, after)}`, result: value };
  });
}

/** @param {Place} place @param {string} name */
async function verify({ module, folder, report }, name) {
  const path = join(folder, name);
  await report.step('verify integrity', name, async (time) => {
    const result = await time.measure(() => module.verifyConfigurationIntegrity(path));
    expect(result.isValid, `found invalid: ${result.issues?.map(({ type }) => type).join(', ') ?? 'no reason given'}`);
    expect(result.actualChecksum === sha256(await readFile(path)), 'the checksum is not that of the file');
    expect(result.expectedChecksum === result.actualChecksum, 'the recorded checksum is another one');
    return { checked: 'the bytes on disk are those of the last save', result };
  });
}

/** Saves the loaded value in another format, then loads both files. @param {Place} place @param {string} name @param {string} extension */
async function convert({ module, folder, report }, name, extension) {
  const target = `${basename(name, extname(name))}${extension}`;
  await report.step('convert', target, async (time) => {
    const origin = await module.loadConfiguration(join(folder, name));
    await time.measure(() => module.saveConfiguration(origin.data, join(folder, target)));
    const back = await module.loadConfiguration(join(folder, target));
    const originAgain = await module.loadConfiguration(join(folder, name));
    expect(isDeepStrictEqual(back.data, originAgain.data), `differs after ${extname(name)} to ${extension}`);
    const leaves = countLeaves(back.data);
    return { checked: `${leaves} values deeply equal after ${extname(name)} to ${extension}`, result: back };
  });
}

/** @param {Place} place @param {string} name */
async function loadFromCache({ module, folder, report }, name) {
  const path = join(folder, name);
  await report.step('load again', name, async (time) => {
    // The times of a file that was written this very moment prove nothing, so the cache does not trust them yet.
    await setTimeout(QUIET_MS);
    const first = await module.loadConfiguration(path);
    /** @type {ConfigurationObject} */ (first.data)['left by the first caller'] = true;
    const before = await bytesReadSoFar();
    const second = await time.measure(() => module.loadConfiguration(path));
    const after = await bytesReadSoFar();
    expect(!Object.hasOwn(second.data, 'left by the first caller'), 'shows what another caller did to its copy');
    if (before === undefined || after === undefined) return { checked: 'callers get copies', result: second };
    expect(after - before < second.metadata.fileSize, 'the file was read again');
    return { checked: 'from the cache, file not read; callers get copies', result: second };
  });
}

/** What this process has read from files, where the system tells. @returns {Promise<number | undefined>} */
async function bytesReadSoFar() {
  const counters = await readFile('/proc/self/io', 'utf8').catch(() => '');
  const [, bytes] = /^rchar: (\d+)$/m.exec(counters) ?? [];
  return bytes === undefined ? undefined : Number(bytes);
}

/** An editor that knows nothing of the module adds an empty line. @param {Place} place @param {string} name */
async function editFromOutside({ module, folder, report }, name) {
  const path = join(folder, name);
  await report.step('outside edit', name, async (time) => {
    const before = await module.loadConfiguration(path);
    await appendFile(path, '\n');
    const after = await time.measure(() => module.loadConfiguration(path));
    expect(after.isValid === false, 'was not noticed');
    expect(after.checksum !== before.checksum, 'the cached content was given');
    const findings = after.validationResults?.map(({ type }) => type) ?? [];
    expect(findings.length > 0, 'was noticed, but no finding says so');
    await module.saveConfiguration(after.data, path);
    const healed = /** @type {ConfigurationData} */ (await module.loadConfiguration(path));
    expect(healed.isValid, 'still counts as invalid after a save');
    return {
      checked: `noticed: ${findings.join(', ')}; good again after a save`,
      result: after,
    };
  });
}

/** @param {string | Buffer} content */
function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** Values that are no containers. @param {unknown} value @returns {number} */
function countLeaves(value) {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum, member) => sum + countLeaves(member), 0);
}

/** One value is changed and one added, whose neighbour may get a comma. */
const MAX_EDITED_LINES = 2;

/** Lines and XML openings that look like a comment, in any of the six formats. @param {string} text */
function countComments(text) {
  return text.match(/^\s*(?:#(?!!)|[;!])|\s# |<!--/gm)?.length ?? 0;
}

/** What a save leaves of a text that somebody wrote by hand: all but what was edited. @param {string} before @param {string} after */
function describeForm(before, after) {
  expect(countComments(after) === countComments(before), 'a comment was lost');
  const lines = before.split('\n');
  const now = new Set(after.split('\n'));
  const kept = lines.filter((line) => now.has(line)).length;
  expect(kept >= lines.length - MAX_EDITED_LINES, `only ${kept} of ${lines.length} lines are as they were`);
  return `${kept} of ${lines.length} lines as they were`;
}
