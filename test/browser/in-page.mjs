// Runs in the page, before anything of it: what the tests ask it for. Plain JavaScript, because no page of ours has any.
globalThis.inPage = {
  /** How much wider the page is than the window. */
  overflow: () => document.documentElement.scrollWidth - document.documentElement.clientWidth,

  /** Elements that have to be scrolled to be read, and those whose text is cut off. */
  runningOff: () =>
    [...document.querySelectorAll('.scroll, .scroll *, main p, main li, header *')]
      .filter(element => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
      .filter(({ localName }) => !['svg', 'path'].includes(localName))
      .filter(element => !element.closest('.unseen') && getComputedStyle(element).display !== 'inline')
      .map(({ localName, className, textContent }) => `${localName}.${className}: ${textContent.trim().slice(0, 60)}`),

  openFolds: () => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
  },

  /** Texts that leave the box they stand in, and labels that lie over a box or another label; of the picture that is shown. */
  misplaced: () => {
    const picture = [...document.querySelectorAll('.picture')].find(svg => svg.getBoundingClientRect().width > 0);
    const within = (text, box, slack) =>
      text.x >= box.x - slack &&
      text.y >= box.y - slack &&
      text.x + text.width <= box.x + box.width + slack &&
      text.y + text.height <= box.y + box.height + slack;
    const apart = (a, b) =>
      a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
    const outside = [...picture.querySelectorAll('.host, .panel, .drum')].flatMap(group => {
      const box = group.querySelector('rect, path').getBBox();
      return [...group.querySelectorAll('text')].filter(text => !within(text.getBBox(), box, 0));
    });
    const boxes = [...picture.querySelectorAll('.host rect, .panel .title, .panel .words')];
    const labels = [...picture.querySelectorAll('.label, .route')];
    const lines = [...picture.querySelectorAll('.arrow .line')];
    const covered = labels.filter((label, i) => {
      const others = [...boxes, ...labels.slice(i + 1), ...lines];
      return others.some(other => !apart(label.getBBox(), other.getBBox()));
    });
    const frame = picture.viewBox.baseVal;
    const cut = [...picture.querySelectorAll('text')].filter(text => !within(text.getBBox(), frame, 0));
    const overlapping = [...picture.querySelectorAll('.host rect, .panel rect, .drum path')].flatMap((a, i, all) =>
      all
        .slice(i + 1)
        .filter(
          b =>
            !a.parentNode.matches('.panel') &&
            !b.parentNode.matches('.panel') &&
            a.parentNode !== b.parentNode &&
            !apart(a.getBBox(), b.getBBox()),
        ),
    );
    return {
      texts: picture.querySelectorAll('text').length,
      wrong: [...outside, ...covered, ...cut].map(text => text.textContent),
      overlapping: overlapping.length,
    };
  },

  /** What axe-core finds, one line each. */
  violations: async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(node => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`),
    );
  },

  /** What has the keyboard's focus, and whether one sees it. */
  focused: () => {
    const element = document.activeElement;
    const { outlineStyle } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
      tag: element.localName,
      text: element.textContent.trim().slice(0, 60),
      id: element.id,
      outlined: outlineStyle !== 'none',
      inView: box.bottom > 0 && box.top < innerHeight && box.width > 0,
      open: element.parentElement?.open ?? false,
    };
  },

  colours: () => {
    const { backgroundColor, color } = getComputedStyle(document.body);
    return { ground: backgroundColor, ink: color };
  },

  /** Levels of the headings, in the order of the page. */
  headings: () => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(({ localName }) => Number(localName[1])),
};
