// Checks for the peers whether the tags of a fragment match, because none of their libraries does.
//
// The check is simpler and stricter than the package's rule, which allows a body to omit tags that a browser adds. Here each end tag must match the
// innermost open element, no element may stay open, and no start tag may make a browser close another element.

const VOID = new Set(["br", "hr", "img", "wbr"]);

const words = (text) => text.split(/\s+/);

/** The elements that may be direct children of the parts of a table. */
const HOLDS = new Map([
  ["table", words("caption thead tbody tfoot tr")],
  ["thead", ["tr"]],
  ["tbody", ["tr"]],
  ["tfoot", ["tr"]],
  ["tr", words("td th")],
]);
const TABLE_PARTS = new Set([...HOLDS.values()].flat());

/** The open elements that each start tag would close, and the elements that protect what is outside them from that. */
const CLOSES = new Map();
const closes = (tags, closed, inside) => {
  for (const tag of words(tags)) CLOSES.set(tag, [words(closed), words(inside)]);
};
const BLOCKS = `address article aside blockquote details div dl figcaption figure footer header hgroup hr nav ol p pre
  section summary table ul`;
closes(BLOCKS, "p", "td th caption");
closes("h1 h2 h3 h4 h5 h6", "p h1 h2 h3 h4 h5 h6", "td th caption");
closes("li", "li p", "ol ul td th caption");
closes("dd dt", "dd dt p", "dl td th caption");
closes("a", "a", "");

export class Nesting {
  open = [];

  clear() {
    this.open.length = 0;
  }

  /** Whether all elements are closed. */
  get ended() {
    return this.open.length === 0;
  }

  /** Opens an element, and returns whether its start tag is allowed here. */
  start(tag) {
    const { open } = this;
    const parts = open.length > 0 ? HOLDS.get(open[open.length - 1]) : undefined;
    if (parts === undefined ? TABLE_PARTS.has(tag) : !parts.includes(tag)) return false;
    const [closed, inside] = open.length > 0 ? (CLOSES.get(tag) ?? []) : [];
    if (closed !== undefined) {
      for (let at = open.length - 1; at >= 0 && !inside.includes(open[at]); at -= 1) {
        if (closed.includes(open[at])) return false;
      }
    }
    if (!VOID.has(tag)) open.push(tag);
    return true;
  }

  /** Closes an element, and returns whether its end tag is allowed here. */
  end(tag) {
    return this.open.pop() === tag;
  }
}
