// @ts-check
// Reads a ZIP archive with yauzl alone, as its own documentation does.
import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';

/** @param {string} path @param {(name: string, bytes: Buffer) => Promise<void>} take */
export function openPromise(path, take) {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.on('error', reject);
      zip.on('end', () => resolve(undefined));
      zip.on('entry', (entry) => {
        zip.openReadStream(entry, (failure, stream) => {
          if (failure) return reject(failure);
          buffer(stream)
            .then((bytes) => take(entry.fileName, bytes))
            .then(() => zip.readEntry(), reject);
        });
      });
      zip.readEntry();
    });
  });
}
