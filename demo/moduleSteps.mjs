// @ts-check
// What the demo shows once: requests over connections, a refused conflict, refused hostile input, nothing left behind.
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, refusal } from './report.mjs';

/** @import { EditorModule } from './EditorModule.mjs' */
/** @import { Place } from './fileSteps.mjs' */
/** @import { Report } from './report.mjs' */

const SHIFTS = { harbour: 'north', shifts: [{ crane: 'K-01', hours: 7.5 }], night: true, note: null };

/** @param {Place} place @param {EditorModule} editor */
export async function runMessageSteps({ module, folder, report }, editor) {
  const name = 'shifts.yaml';
  const filePath = join(folder, name);

  await report.step('save-request', name, async (time) => {
    const answer = await time.measure(() => editor.save(SHIFTS, filePath));
    expect(answer.success && answer.operationType === 'save', `answered with ${answer.operationType}`);
    const { data } = await module.loadConfiguration(filePath);
    expect(isDeepStrictEqual(data, SHIFTS), 'the file does not hold what was sent');
    return { checked: 'asked over a connection, answered, and in the file', result: answer };
  });

  await report.step('load-request', name, async (time) => {
    const answer = await time.measure(() => editor.load(filePath));
    expect(isDeepStrictEqual(answer.data, SHIFTS), 'the answer is not what is in the file');
    return { checked: 'answered with the configuration, deeply equal', result: answer };
  });
}

/** Two editors loaded the same state; the second one to save is told instead of overwriting. @param {Place} place */
export async function runConflictStep({ module, folder, report }) {
  const name = 'shifts.yaml';
  const path = join(folder, name);
  await report.step('compare-and-set', name, async (time) => {
    const { checksum } = await module.loadConfiguration(path);
    const winner = { ...SHIFTS, harbour: 'south' };
    await module.saveConfiguration(winner, path, { expectedChecksum: checksum });
    const loser = { ...SHIFTS, night: false };
    const code = await time.measure(() =>
      refusal(() => module.saveConfiguration(loser, path, { expectedChecksum: checksum })),
    );
    expect(code === 'ERR_CONFLICT', `ended with ${code}`);
    const { data } = await module.loadConfiguration(path);
    expect(isDeepStrictEqual(data, winner), 'the file is not what the first save left');
    return { checked: `second save refused: ${code}; file untouched`, result: code };
  });
}

/** @param {Place} place */
export async function runHostileSteps({ module, folder, report }) {
  const outside = join(folder, '..', '..', 'outside.json');
  await report.step('hostile path', 'outside.json', async (time) => {
    const code = await time.measure(() => refusal(() => module.saveConfiguration({ a: 1 }, outside)));
    expect(code === 'ERR_INVALID_FILE_PATH', `ended with ${code}`);
    expect(!(await exists(outside)), 'something was written there');
    return { checked: `refused: ${code}; nothing written`, result: code };
  });

  const name = 'prototype.json';
  await report.step('hostile value', name, async (time) => {
    const value = JSON.parse('{ "theme": "dark", "__proto__": { "isAdmin": true } }');
    const code = await time.measure(() => refusal(() => module.saveConfiguration(value, join(folder, name))));
    expect(code === 'ERR_INVALID_CONFIGURATION_DATA', `ended with ${code}`);
    expect(!(await exists(join(folder, name))), 'something was written');
    return { checked: `refused: ${code}, no file`, result: code };
  });
}

/** What must be true when the module is gone. @param {Report} report @param {string} root @param {() => Promise<unknown>} destroy */
export async function runFarewellStep(report, root, destroy) {
  await report.step('destroy', relative(join(root, '..'), root), async (time) => {
    await time.measure(destroy);
    const entries = await readdir(root, { recursive: true });
    const left = entries.filter((entry) => /\.(tmp|deleted)$/.test(entry));
    expect(left.length === 0, `${left.length} temporary files left behind`);
    return { checked: 'all work ended; no temporary file is left', result: left };
  });
}

/** @param {string} path */
function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
