// A journal that kills its own process at points that were not tried yet. A write has two: `begun`, when its first line is on
// disk and nothing is written yet, and `made`, when it is written and its second line is not. SIGKILL leaves no time for anything.
import { writeFileSync } from 'node:fs';

/**
 * The same journal, deadly. `tried`: points that have killed before. `serial`: a write begins when the one before has ended.
 * `every`: each entry of the directory is a point of its own; else they are the first, the middle and the last of a step.
 * `told`: the file that gets the name of the point. `at`: this point and no other.
 */
export function dyingJournal(journal, plan, { tried, serial, every, told, at }) {
  const known = new Set(tried);
  const begun = new Map();
  const turns = serial ? takingTurns() : { begin: async () => {}, end: () => {} };
  const placeOf = every ? line => [line.dn] : placesInStep(plan);

  function dieAt(points) {
    const point = points.find(one => (at === undefined ? !known.has(one) : one === at));
    if (point === undefined) return undefined;
    writeFileSync(told, point);
    process.kill(process.pid, 'SIGKILL');
    // The kernel may let this thread go on for a moment: nothing must come of it.
    return new Promise(() => {});
  }

  function pointsOf(line, moment) {
    if (line.operation === 'modify')
      return placeOf(line, moment).map(place => `${line.step} modify ${place} ${moment}`);
    const what = line.operation === 'replace' ? line.path : line.words.join(' ');
    return [`${line.step} ${line.operation} ${what} ${moment}`];
  }

  async function write(line) {
    if (line.line === 'begin') {
      await turns.begin(line);
      begun.set(line.write, line);
      await journal.write(line);
      await dieAt(pointsOf(line, 'begun'));
    } else if (line.line === 'end') {
      await dieAt(pointsOf(begun.get(line.write), 'made'));
      await journal.write(line);
      turns.end(line.write);
    } else {
      await dieAt([`${line.line} before`]);
      await journal.write(line);
      await dieAt([`${line.line} after`]);
    }
  }

  return { name: journal.name, write, keep: journal.keep, close: journal.close };
}

/** Where in its step an entry comes: many are under way at once, so that beginnings and ends are counted apart. */
function placesInStep(plan) {
  const totals = new Map(plan.steps.map(({ id, changes }) => [id, new Set(changes.map(({ item }) => item)).size]));
  const counts = new Map();
  return ({ step }, moment) => {
    const number = (counts.get(`${step} ${moment}`) ?? 0) + 1;
    counts.set(`${step} ${moment}`, number);
    const total = totals.get(step) ?? 0;
    const places = { first: 1, middle: Math.ceil(total / 2), last: total };
    return Object.keys(places).filter(place => places[place] === number);
  };
}

/** Stop and start of a server are begun together. Other commands of a step begin one after the other by themselves. */
function takingTurns() {
  const ends = new Map();
  let last = Promise.resolve();
  let before = last;
  let latest = {};
  return {
    begin(line) {
      const own = new Promise(end => ends.set(line.write, end));
      const together = line.operation === 'run' && latest.operation === 'run' && latest.step === line.step;
      if (!together) before = last;
      last = Promise.all([last, own]);
      latest = line;
      return before;
    },
    end: write => ends.get(write)(),
  };
}
