/** The clock that operations and caches read, for tests that let time pass without waiting. */
const realNow = performance.now.bind(performance);
let aheadMs = 0;

performance.now = () => realNow() + aheadMs;

afterEach(() => {
  aheadMs = 0;
});

afterAll(() => {
  // Uncovers the method of the prototype again: the object is shared with the tests that follow in this process.
  Reflect.deleteProperty(performance, 'now');
});

/** From now on it is later. Timers do not notice. */
export function moveClock(ms: number): void {
  aheadMs += ms;
}
