// @ts-check
// Takes a configuration through a fixed sequence of states, by saving, annotating and deleting, until it is killed; tells
// the number of each state once the module has said that it is reached.
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../dist/constants/ConfigPersistenceConstants.js';
import { contentOf } from '../content.mjs';
import { codeOf, describe } from '../errors.mjs';
import { stateOf } from '../mixedStates.mjs';
import { configurationIn, openModule } from '../store.mjs';

const TOLD_THROUGH = 3;
const { DURABILITY_NOT_CONFIRMED } = CONFIG_PERSISTENCE_CONSTANTS.WARNING_MESSAGES;

const { folder, longestPauseMs } = JSON.parse(process.argv[2] ?? '{}');
const file = configurationIn(folder);
const module = await openModule(folder);
tell('ready');
for (let number = 1; ; number++) {
  const { warnings = [] } = await reach(number).catch(giveUp);
  tell(`${warnings.includes(DURABILITY_NOT_CONFIRMED) ? 'unconfirmed' : 'ack'} ${number}`);
  await delay(Math.random() * longestPauseMs);
}

/** @param {number} number */
function reach(number) {
  const { count, note } = stateOf(number);
  if (count === null) return module.deleteConfiguration(file);
  if (note !== undefined) return module.setConfigurationMetadata({ description: note }, file);
  return module.saveConfiguration(contentOf(count), file);
}

/** @param {unknown} error @returns {never} */
function giveUp(error) {
  tell(`error ${codeOf(error) ?? describe(error)}`);
  process.exit(1);
}

/** @param {string} line */
function tell(line) {
  writeSync(TOLD_THROUGH, `${line}\n`);
}
