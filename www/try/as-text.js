/**
 * The text that stands for a value of any type: nothing for no value, and JSON for an object.
 *
 * @param {unknown} value
 */
export const asText = (value) =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
