/** The units in which policies and their conditions speak. */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Of a condition's durations, in milliseconds. */
export const DURATION_UNITS = { m: 60_000, h: HOUR_MS, d: DAY_MS, w: 604_800_000 };

/** Of a condition's sizes, in bytes. Powers of 1024 in either spelling, as in all limits of the module. */
export const SIZE_UNITS = {
  B: 1,
  KB: 1024,
  KiB: 1024,
  MB: 1_048_576,
  MiB: 1_048_576,
  GB: 1_073_741_824,
  GiB: 1_073_741_824,
};
