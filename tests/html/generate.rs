//! The input fragments: the tricks in `tests/fixtures/html.json`, and random fragments made from the pieces in that
//! file. The tests in the browser make their fragments in the same way.

use serde::Deserialize;

/// The pieces that a fragment is made from.
#[derive(Deserialize)]
struct Pieces {
    /// Tricks that are known to fool scanners and sanitisers.
    corpus: Vec<String>,
    /// The names of elements, most of which a body allows.
    allowed: Vec<String>,
    /// The names of elements that a body does not allow.
    refused: Vec<String>,
    attributes: Vec<String>,
    texts: Vec<String>,
}

/// Returns the number of generated fragments: `FLOWDOCK_FUZZ_INPUTS`, or a number for an ordinary run.
pub fn inputs() -> u32 {
    std::env::var("FLOWDOCK_FUZZ_INPUTS").ok().and_then(|inputs| inputs.parse().ok()).unwrap_or(200_000)
}

/// Random numbers that are equal in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit
    }

    fn of<'a>(&mut self, list: &'a [String]) -> &'a str {
        &list[self.below(list.len())]
    }
}

/// The elements for fragments with few kinds of elements: links with blocks in them, and blocks that the sanitiser
/// leaves out.
const LINKED: [&str; 6] = ["a", "p", "form", "span", "x-y", "h1"];

/// Returns a fragment of up to twelve pieces. In three of four fragments most pieces are tags that a body allows. In
/// the others, every third piece is a tag that a body does not allow. Every fifth fragment has few kinds of elements.
fn fragment(pieces: &Pieces, random: &mut Random) -> String {
    let mut html = String::new();
    let rarity = if random.below(4) == 0 { 3 } else { 12 };
    let is_linked = random.below(5) == 0;
    for _ in 0..=random.below(12) {
        let element = if is_linked {
            LINKED[random.below(LINKED.len())]
        } else if random.below(rarity) == 0 {
            random.of(&pieces.refused)
        } else {
            random.of(&pieces.allowed)
        };
        match random.below(10) {
            0..=3 => {
                html += &format!("<{element}");
                for _ in 0..random.below(3) {
                    html += random.of(&pieces.attributes);
                }
                html += if random.below(40) == 0 { "" } else { ">" };
            }
            4..=6 => html += &format!("</{element}>"),
            _ => html += random.of(&pieces.texts),
        }
    }
    html
}

/// Returns the known tricks, and then a number of generated fragments.
pub fn all(inputs: u32, seed: u64) -> impl Iterator<Item = String> {
    let pieces: Pieces = serde_json::from_str(include_str!("../fixtures/html.json")).unwrap();
    let mut random = Random(seed);
    let deep = ["<b>".repeat(600) + "x", "<div>".repeat(600)];
    let corpus: Vec<String> = pieces.corpus.iter().cloned().chain(deep).collect();
    corpus.into_iter().chain((0..inputs).map(move |_| fragment(&pieces, &mut random)))
}
