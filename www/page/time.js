// Shows times.

import { html, nothing } from "./render.js";

/** @typedef {string | number | null | undefined} Time */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const day = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat([], { day: "numeric", month: "short" });
const shortDayOfYear = new Intl.DateTimeFormat([], { day: "numeric", month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat([], { timeStyle: "short" });
const exact = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "medium" });

/**
 * The milliseconds of a time of the API; 0 for what is no time.
 *
 * @param {Time} time
 */
export const milliseconds = (time) => new Date(time ?? 0).getTime() || 0;

/**
 * Shows how long ago something was, or its hour, or its day: `now`, `5 min`, `13:07`, `12 Nov`. Anything that is no time shows nothing.
 *
 * @param {Time} time
 */
export const ago = (time) => timeElement(time, shortText);

/**
 * Shows the hour of a time.
 *
 * @param {Time} time
 */
export const hour = (time) => timeElement(time, (when) => clock.format(when));

/**
 * Shows since when something is: an hour of today, or a day.
 *
 * @param {Time} time
 */
export const since = (time) => timeElement(time, hourOrDay);

/**
 * Names the day of a time: `Today`, `Yesterday`, `Thursday, 12 November`.
 *
 * @param {Time} time
 */
export function dayName(time) {
  const when = new Date(milliseconds(time));
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (when.toDateString() === today.toDateString()) return "Today";
  if (when.toDateString() === yesterday.toDateString()) return "Yesterday";
  return day.format(when);
}

/** @param {Date} when */
function shortText(when) {
  const now = new Date();
  const passed = now.getTime() - when.getTime();
  if (passed < MINUTE_MS) return "now";
  if (passed < HOUR_MS) return `${Math.floor(passed / MINUTE_MS)} min`;
  return hourOrDay(when);
}

/** @param {Date} when */
function hourOrDay(when) {
  const now = new Date();
  if (when.toDateString() === now.toDateString()) return clock.format(when);
  return (when.getFullYear() === now.getFullYear() ? shortDay : shortDayOfYear).format(when);
}

/**
 * @param {Time} time
 * @param {(when: Date) => string} write
 */
function timeElement(time, write) {
  const when = new Date(time ?? Number.NaN);
  if (Number.isNaN(when.getTime())) return nothing;
  return html`<time datetime=${when.toISOString()} title=${exact.format(when)}>${write(when)}</time>`;
}
