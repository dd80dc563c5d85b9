//! HTML in titles and bodies: read as a browser reads it, with no DOM at hand.
//!
//! `scan` cuts a fragment into tokens, `tree` says what a browser does with its tags, a [`Policy`] what a place allows.
//! [`check`] holds one against the other, unless `accept` sees at a glance that all is in order, [`sanitize`] leaves out what is
//! not allowed, following what a browser builds of its `input`, and [`escape`] turns text into HTML that shows it. `element` is the
//! table of elements, each of a `kind`, `finding` says what is wrong, `output` is what the sanitiser has written. `reference` knows of
//! `&amp;`, `template` fills the templates of the tag `html`, and `cid` finds attachments.

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
mod tree;

pub(crate) use check::MAX_FINDINGS;
pub use check::{check, first_tag};
pub(crate) use cid::missing_cid;
pub use escape::escape;
pub use finding::Finding;
pub use policy::{BODY, Policy, TITLE};
pub use sanitize::sanitize;
pub(crate) use template::{Part, fill_template};

#[cfg(test)]
mod tests {
    use super::{BODY, check, sanitize};
    use crate::steps::taken;

    /// The most steps that a byte may take. The worst of these looks for what is not there among all elements that are followed.
    const STEPS_A_BYTE: usize = 80;

    #[test]
    fn the_steps_grow_with_the_length_alone() {
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
        // These make what the others then look through.
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
