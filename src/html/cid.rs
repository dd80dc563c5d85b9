//! Finds the attachments that a body shows.

use super::policy::behind_scheme;
use super::scan::{Kind, Scanner};

/// Returns the first attachment id that an image of a checked body names with `cid:` and that does not exist.
pub(crate) fn missing_cid<'a>(body: &'a str, there: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    let mut scanner = Scanner::new(body);
    while let Some(token) = scanner.next() {
        if !matches!(token.kind, Kind::Start(_)) {
            continue;
        }
        for attribute in &scanner.attributes {
            if attribute.name.eq_ignore_ascii_case("src")
                && let Some(id) = behind_scheme(attribute.value, "cid")
                && !there(id.trim_ascii_end())
            {
                return Some(id);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::missing_cid;

    #[test]
    fn an_image_without_its_attachment_is_found() {
        for (body, missing) in [
            ("", None),
            ("cid:c &lt;img src=\"cid:c\">", None),
            ("<img src=\"cid:a\"><p><IMG SRC=' CID:b '></p>", None),
            ("<img alt=x src=cid:a><img src=\"https://example.com/cid:c\">", None),
            ("<img title=\"cid:c\" alt=\"cid:c\" src=\"cid:a\">", None),
            ("<img src=\"cid:a\"><img src=\"cid:c\"><img src=\"cid:d\">", Some("c")),
            ("<img src=cid:A>", Some("A")),
            ("<img src=cid:>", Some("")),
            ("<img src=cid:&#97;>", Some("&#97;")),
            ("<img src='&#99;id&#58;c'>", Some("c")),
        ] {
            assert_eq!(missing_cid(body, &|id| ["a", "b"].contains(&id)), missing, "{body}");
        }
    }
}
