// The three events of a message, and the type that each has in the schema and in the builders.

export const EVENTS = /** @type {const} */ ([
  { value: "activity", type: "Activity", name: "Activity", hint: "a change" },
  { value: "discussion", type: "Discussion", name: "Discussion", hint: "a comment" },
  { value: "message", type: "ChatMessage", name: "Chat message", hint: "" },
]);

/**
 * Returns an event by its value in a message, or undefined if there is no such event.
 *
 * @param {unknown} event
 */
export const eventOf = (event) => EVENTS.find(({ value }) => value === event);

/** The event as which a message is shown. @param {{ event?: unknown }} message */
export const shownEvent = ({ event }) => eventOf(event)?.value ?? "activity";
