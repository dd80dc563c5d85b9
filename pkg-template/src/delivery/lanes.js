// Lanes: the messages of one thread are posted one after another, in their order.
//
// Each `thread_id` and each `external_thread_id` has a lane. A message with both ids is in two lanes.

/**
 * A message in its lanes. Its turn has come when it is the first message in each of them.
 *
 * @typedef {object} Turn
 * @property {string[]} lanes The names of the lanes.
 * @property {number} before The number of its lanes in which an earlier message is still waiting or being posted.
 * @property {Turn[]} behind The next turn in each lane.
 * @property {boolean} hasLeft
 * @property {(() => void) | undefined} onCome Called when the turn has come, if that was not so already at `join`.
 */

export class Lanes {
  /**
   * The last turn in each lane.
   *
   * @type {Map<string, Turn>}
   */
  #last = new Map();

  /**
   * Puts a new turn at the end of these lanes.
   *
   * @param {string[]} lanes
   * @returns {Turn} To be given to `leave`.
   */
  join(lanes) {
    /** @type {Turn} */
    const turn = { lanes, before: 0, behind: [], hasLeft: false, onCome: undefined };
    for (const lane of lanes) {
      const last = this.#last.get(lane);
      if (last) {
        last.behind.push(turn);
        turn.before += 1;
      }
      this.#last.set(lane, turn);
    }
    return turn;
  }

  /**
   * Leaves the lanes. If the turn has not come yet, the turns behind it still wait for the turns before it. A second call does nothing.
   *
   * @param {Turn} turn
   */
  leave(turn) {
    if (turn.hasLeft) return;
    turn.hasLeft = true;
    /** The turns that end now. The loop adds to this list. Recursion could overflow the stack in a long lane. */
    const ending = turn.before > 0 ? [] : [turn];
    for (const turn of ending) {
      for (const lane of turn.lanes) if (this.#last.get(lane) === turn) this.#last.delete(lane);
      for (const next of turn.behind) {
        next.before -= 1;
        if (next.before > 0) continue;
        if (next.hasLeft) ending.push(next);
        else next.onCome?.();
      }
    }
  }
}
