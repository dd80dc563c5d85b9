//! Lanes: the messages of one thread are posted one after another, in order.

use std::collections::HashMap;

/// The lanes of a client. This type does not wait: a message asks whether its turn has come.
///
/// ```
/// use flowdock_integration::client::Lanes;
///
/// let mut lanes = Lanes::default();
/// let (first, second) = (lanes.join(&["thread_id:1".to_owned()]), lanes.join(&["thread_id:1".to_owned()]));
/// assert!(lanes.has_come(first) && !lanes.has_come(second));
/// assert_eq!(lanes.leave(first), [second]);
/// assert!(lanes.has_come(second));
/// ```
#[derive(Debug, Default)]
pub struct Lanes {
    /// The number of the last turn in each lane.
    last: HashMap<String, u64>,
    turns: HashMap<u64, Turn>,
    /// The number that the next turn gets.
    next: u64,
}

/// The turn of a message in its lanes.
#[derive(Debug)]
struct Turn {
    lanes: Vec<String>,
    /// The number of lanes in which the message before this one has not left.
    before: usize,
    /// The next turn in each lane.
    behind: Vec<u64>,
    has_left: bool,
}

impl Lanes {
    /// Joins the end of the lanes of a [`Request`](super::Request). Returns the number of the turn, which
    /// [`leave`](Self::leave) needs.
    pub fn join(&mut self, lanes: &[String]) -> u64 {
        let number = self.next;
        self.next += 1;
        let mut before = 0;
        for lane in lanes {
            let last = self.last.insert(lane.clone(), number);
            if let Some(last) = last.and_then(|last| self.turns.get_mut(&last)) {
                last.behind.push(number);
                before += 1;
            }
        }
        self.turns.insert(number, Turn { lanes: lanes.to_vec(), before, behind: Vec::new(), has_left: false });
        number
    }

    /// Whether the turn has come: every message before it in its lanes has left.
    #[must_use]
    pub fn has_come(&self, turn: u64) -> bool {
        self.turns.get(&turn).is_none_or(|turn| turn.before == 0)
    }

    /// Leaves the lanes. If the turn has not come yet, the messages after it still wait for the messages before it.
    /// Returns the turns that come because of this.
    pub fn leave(&mut self, turn: u64) -> Vec<u64> {
        let mut come = Vec::new();
        let Some(left) = self.turns.get_mut(&turn) else { return come };
        left.has_left = true;
        let mut ending = if left.before == 0 { vec![turn] } else { Vec::new() };
        while let Some(number) = ending.pop() {
            let Some(turn) = self.turns.remove(&number) else { continue };
            for lane in &turn.lanes {
                if self.last.get(lane) == Some(&number) {
                    self.last.remove(lane);
                }
            }
            for next in turn.behind {
                let Some(behind) = self.turns.get_mut(&next) else { continue };
                behind.before -= 1;
                match (behind.before, behind.has_left) {
                    (0, true) => ending.push(next),
                    (0, false) => come.push(next),
                    _ => {}
                }
            }
        }
        come
    }
}

#[cfg(test)]
mod tests {
    use super::Lanes;

    #[test]
    fn a_message_with_two_ids_waits_in_both_lanes() {
        let mut lanes = Lanes::default();
        let [a, b] = ["a", "b"].map(str::to_owned);
        let first = lanes.join(std::slice::from_ref(&a));
        let second = lanes.join(std::slice::from_ref(&b));
        let both = lanes.join(&[a.clone(), b]);
        let last = lanes.join(&[a]);
        assert!(lanes.leave(first).is_empty());
        assert!(!lanes.has_come(both));
        assert_eq!(lanes.leave(second), [both]);
        assert_eq!(lanes.leave(both), [last]);
        assert!(lanes.leave(last).is_empty());
        assert!(lanes.last.is_empty() && lanes.turns.is_empty());
    }

    #[test]
    fn a_message_that_leaves_early_lets_no_other_overtake() {
        let mut lanes = Lanes::default();
        let turns: Vec<_> = (0..100_000).map(|_| lanes.join(&["a".to_owned()])).collect();
        for turn in &turns[1..99_999] {
            assert!(lanes.leave(*turn).is_empty());
        }
        assert!(!lanes.has_come(99_999));
        assert_eq!(lanes.leave(0), [99_999]);
    }
}
