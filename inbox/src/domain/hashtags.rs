//! The tags in the content of a chat message: `#word` and `@user`.

use std::collections::HashSet;

/// Adds the tags of a content to a message's tags, without those that the message has already, in any letter case.
pub fn add(tags: &mut Vec<String>, content: &str) {
    let mut known: HashSet<String> = tags.iter().map(|tag| tag.to_lowercase()).collect();
    for tag in content.split_whitespace().flat_map(in_word) {
        if known.insert(tag.to_lowercase()) {
            tags.push(tag);
        }
    }
}

/// The tags in one word of the content, up to `://` if it holds a URL.
fn in_word(word: &str) -> Vec<String> {
    // What follows `://` belongs to a URL, as in `https://example.org/#part`.
    let text = word.split("://").next().unwrap_or_default();
    let mut tags = Vec::new();
    let mut before = None;
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        let is_user = sign == '@';
        // In `a#b`, `/#b` and `&#39;` the sign begins no tag, nor in an address such as `marty@example.org`.
        if (is_user || matches!(sign, '#' | '＃')) && before.is_none_or(|c| !is_joining(c)) {
            let name = name(rest, is_user);
            // `#https://` is no tag: its name ends where the URL begins.
            let is_scheme = rest.len() == name.len() && text.len() < word.len();
            if !name.is_empty() && !is_scheme {
                tags.push(if is_user { format!("@{name}") } else { name.to_owned() });
                before = name.chars().last();
                rest = &rest[name.len()..];
                continue;
            }
        }
        before = Some(sign);
    }
    tags
}

/// Whether a sign behind this character begins no tag.
fn is_joining(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '/' | '&' | '#' | '＃' | '@')
}

/// The name at the beginning of a text: letters, digits, `_` and `-`, and dots in the name of a user. A `-` or a dot at the end is
/// punctuation.
fn name(text: &str, is_user: bool) -> &str {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '゛' | '゜') || is_user && c == '.';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text[..end].trim_end_matches(['-', '.'])
}

#[cfg(test)]
mod tests {
    #[test]
    fn tags_are_found_in_a_content() {
        for (content, expected) in [
            ("Howdy-Doo @Jackie #awesome", &["@Jackie", "awesome"][..]),
            ("#test #test-run #test_run #16 #2test-runs4", &["test", "test-run", "test_run", "16", "2test-runs4"]),
            ("On the #16 bus, #café #트위터 ＃ｈａｓｈ #漢字。", &["16", "café", "트위터", "ｈａｓｈ", "漢字"]),
            ("(#a )#b [#c ]#d ’#e’#f :#g,#h.", &["a", "b", "c", "d", "e", "f", "g", "h"]),
            (
                "@J.R @user.name. @user-name, @aliceìnheiro\n@x",
                &["@J.R", "@user.name", "@user-name", "@aliceìnheiro", "@x"],
            ),
            ("see https://example.org/#part (http://a.b?#c) https://a:b@c.d", &[]),
            ("#http://a.b @https://a.b", &[]),
            ("marty@example.org a#b /#c &#39; ## # @ @. #- C#", &[]),
            ("#Bug #bug #BUG @all @All", &["Bug", "@all"]),
        ] {
            let mut tags = Vec::new();
            super::add(&mut tags, content);
            assert_eq!(tags, expected, "{content}");
        }
    }

    #[test]
    fn a_tag_that_the_message_has_is_not_added() {
        let mut tags = vec!["BUG".to_owned(), "@Marty".to_owned()];
        super::add(&mut tags, "#bug by @marty and #doc");
        assert_eq!(tags, ["BUG", "@Marty", "doc"]);
    }
}
