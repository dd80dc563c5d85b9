//! HTML in titles and bodies, read as a browser reads it, without a DOM.
//!
//! - `scan` cuts a fragment into tokens, and `tree` says what a browser does with its tags.
//! - A [`Policy`] says what a title or a body allows. `element` is the table of elements; each has a `kind`.
//! - [`check`] lists what a policy does not allow; each fault is a `finding`. `accept` is its fast path for fragments
//!   without faults.
//! - [`sanitize`] leaves out what a policy does not allow. `input` follows what a browser builds from its input, and
//!   `output` is what it has written.
//! - [`escape`] turns text into HTML that shows it, and [`text`] is the way back. `reference` reads character references such as `&amp;`.
//! - `template` fills the templates of the tag `html`, and `cid` finds the attachments that a body shows.

mod accept;
mod check;
mod cid;
mod element;
mod escape;
mod finding;
mod input;
mod kind;
#[cfg(test)]
mod oracle;
mod output;
mod policy;
mod reference;
mod sanitize;
mod scan;
mod template;
mod text;
mod tree;

pub(crate) use check::MAX_FINDINGS;
pub use check::{check, first_tag};
pub(crate) use cid::missing_cid;
pub use escape::escape;
pub use finding::Finding;
pub use policy::{BODY, Policy, TITLE};
pub use sanitize::sanitize;
pub(crate) use template::{Part, fill_template};
pub use text::text;

#[cfg(test)]
mod tests {
    use super::{BODY, check, sanitize};
    use crate::steps::taken;

    /// The largest number of steps for each byte. The slowest input makes each tag search all open elements in vain.
    const STEPS_A_BYTE: usize = 80;

    #[test]
    fn the_steps_of_check_and_sanitize_grow_with_the_length_alone() {
        let pieces: &[&str] = &[
            "<",
            "<!",
            "<!--",
            "<!-- -",
            "--",
            "</",
            "</b",
            "<a ",
            "<a a=",
            "<a href=\"",
            "\"",
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "</i>",
            "<div>",
            "<a>",
            "<table>",
            "<td>",
            "</td>",
            "<tr><td>",
            "x",
            "\0",
            "&",
            "<script>",
            "<script><!--",
            "<!--<script>",
            "</script",
            "<style></",
            "<li>",
            "<dd>",
            "<h1>",
            "</h2>",
            " a",
            "a=b ",
            "a/",
            "é",
            "😀",
            "<b><p>",
            "</b></p>",
            "<ul><li>",
            "<table><td><a>",
            "<svg>",
            "</svg>",
            "<a title=x ",
            "</y>",
            "<li></li>",
            "<g>",
            "<x>",
            "</svg>",
        ];
        // The first part of each input: it opens the elements that the second part then has to search.
        let openers = [
            "x",
            "<b>",
            "<div>",
            "<p><b>",
            "<table>",
            "<table><td>",
            "<ul><li>",
            "<a ",
            "<!--",
            "<script><!--",
            "<a title=x ",
            "<x>",
            "<svg>",
            "<g>",
        ];
        let mut worst = (0, String::new());
        for first in openers {
            for second in pieces {
                let html = format!("{}{}", first.repeat(2500), second.repeat(2000));
                taken();
                let _ = check(&html, &BODY);
                let checked = taken();
                let _ = sanitize(&html, &BODY);
                let steps = checked.max(taken()) / html.len();
                if steps > worst.0 {
                    worst = (steps, format!("{first} {second}"));
                }
            }
        }
        assert!((1..=STEPS_A_BYTE).contains(&worst.0), "{worst:?}");
    }
}
