// A colour for a name, so that people and sources can be told apart at a glance.

/**
 * Returns the styles of a mark for a name. The same name always has the same colour, dark enough for white letters.
 *
 * @param {string} name
 */
export function tint(name) {
  let hue = 0;
  for (const char of name) hue = (hue * 31 + (char.codePointAt(0) ?? 0)) % 360;
  return { "--tint": `oklch(48% 0.11 ${hue})` };
}

/**
 * The first letter of a name, for a mark.
 *
 * @param {string} name
 */
export const initial = (name) => ([...name.trim()][0] ?? "?").toUpperCase();
