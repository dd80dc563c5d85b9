// How long a text may be that this package takes.

/** The longest text, in UTF-16 code units. It is sixteen times as long as the longest that the inbox takes. */
export const MAX_UNITS = 2 ** 24;

/**
 * Whether a text is short enough.
 *
 * @param {string} text
 */
export const isShort = (text) => text.length <= MAX_UNITS;
