/** The system's own notices of what happens in a folder. They never keep the process alive. */
import { watch } from 'node:fs';

export interface FolderListener {
  /** What has changed; null where the system does not say. */
  readonly onEvent: (name: string | null) => void;
  /** There are no more notices. */
  readonly onError: (error: unknown) => void;
}

/** @throws what the system reports where it cannot be watched. @returns ends it. */
export type WatchFolder = (folder: string, listener: FolderListener) => () => void;

export const watchFolder: WatchFolder = (folder, { onEvent, onError }) => {
  const watcher = watch(folder, { persistent: false }, (_kind, name) => {
    onEvent(name);
  });
  watcher.on('error', onError);
  return () => {
    watcher.close();
  };
};
