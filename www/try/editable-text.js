// The text of an editable element. Browsers write a line break there as a line feed, as `<br>` or as a `<div>` around each line, by how it
// came in. The last line break of a block only makes the empty line after it visible, and is no part of the text.

/** @typedef {{ node: Text, start: number }} Segment A text node, and the offset of its text in the text of the element. */

/** @param {HTMLElement} element */
export const textOf = (element) => read(element).text;

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
export function writeText(element, text) {
  element.textContent = text.endsWith("\n") ? `${text}\n` : text;
}

/**
 * Returns where in the element an offset of its text is.
 *
 * @param {HTMLElement} element
 * @param {number} offset In UTF-16 code units.
 */
export const positionAt = (element, offset) => positionIn(element, read(element).segments, offset);

/**
 * @param {HTMLElement} element
 * @param {Segment[]} segments
 * @param {number} offset
 * @returns {{ node: Node, offset: number }}
 */
export function positionIn(element, segments, offset) {
  const segment = segments.findLast(({ start }) => start <= offset) ?? segments[0];
  if (!segment) return { node: element, offset: 0 };
  return { node: segment.node, offset: Math.min(Math.max(offset - segment.start, 0), segment.node.length) };
}

/**
 * Reads the text of an element, and where each part of it stands.
 *
 * @param {HTMLElement} element
 */
export function read(element) {
  /** @type {Segment[]} */
  const segments = [];
  let text = "";
  /** The offset at which the open block begins, which is one line or more. */
  let blockStart = -1;
  let hasBlock = false;

  const openBlock = () => {
    if (blockStart >= 0) return;
    if (hasBlock) text += "\n";
    hasBlock = true;
    blockStart = text.length;
  };
  const closeBlock = () => {
    if (blockStart >= 0 && text.endsWith("\n") && text.length > blockStart) text = text.slice(0, -1);
    blockStart = -1;
  };
  /** @param {Node} parent */
  const visit = (parent) => {
    for (const node of parent.childNodes) {
      if (node instanceof HTMLElement && node.tagName !== "BR") {
        closeBlock();
        visit(node);
        closeBlock();
        continue;
      }
      openBlock();
      if (node instanceof Text) {
        segments.push({ node, start: text.length });
        text += node.data;
      } else text += "\n";
    }
  };
  visit(element);
  closeBlock();
  return { text, segments };
}
