//! Tags as the service understands them.

use std::collections::HashSet;

/// Writes tags in one way: each trimmed, in lower case, without a leading `#` (a user's `@` stays); blank ones and those
/// that stood before are dropped (docs: `#Cool` and `cool` are the same tag).
///
/// ```
/// use flowdock_integration::normalize_tags;
/// assert_eq!(normalize_tags(" #Bug, @Marty,,bug".split(',')), ["bug", "@marty"]);
/// ```
#[must_use]
pub fn normalize_tags<'a>(tags: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen = HashSet::new();
    let normal = tags.into_iter().map(|tag| {
        let tag = tag.trim();
        tag.strip_prefix('#').unwrap_or(tag).trim().to_lowercase()
    });
    normal.filter(|tag| !tag.is_empty() && seen.insert(tag.clone())).collect()
}
