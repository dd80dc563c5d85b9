//! Lanes: the messages of one thread are posted one after another, in their order.

use std::collections::HashMap;

/// The order of the messages that are being posted. It waits for nothing: whoever posts asks whether a turn has come.
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
    /// The last turn in each lane.
    last: HashMap<String, u64>,
    turns: HashMap<u64, Turn>,
    /// The number of the next turn.
    next: u64,
}

/// A message in its lanes.
#[derive(Debug)]
struct Turn {
    lanes: Vec<String>,
    /// In how many of them a message before it has not left.
    before: usize,
    /// The next turn in each lane.
    behind: Vec<u64>,
    has_left: bool,
}

impl Lanes {
    /// Joins the end of the lanes of a [`Request`](super::Request). The number is to be given to [`leave`](Self::leave).
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

    /// Whether no message is before this one any more.
    #[must_use]
    pub fn has_come(&self, turn: u64) -> bool {
        self.turns.get(&turn).is_none_or(|turn| turn.before == 0)
    }

    /// Leaves the lanes, perhaps before the turn has come: then those behind it wait for those before it all the same. Returns the
    /// turns that have come by that.
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
    fn a_message_with_two_names_waits_in_both_lanes() {
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
    fn who_leaves_early_lets_nobody_overtake() {
        let mut lanes = Lanes::default();
        let turns: Vec<_> = (0..100_000).map(|_| lanes.join(&["a".to_owned()])).collect();
        for turn in &turns[1..99_999] {
            assert!(lanes.leave(*turn).is_empty());
        }
        assert!(!lanes.has_come(99_999));
        assert_eq!(lanes.leave(0), [99_999]);
    }
}
