//! Tags as the service understands them.

/// Writes tags in one way: each trimmed, in lower case, without a leading `#` (a user's `@` stays); blank ones and those
/// that stood before are dropped (docs: `#Cool` and `cool` are the same tag).
///
/// ```
/// use flowdock_integration::normalize_tags;
/// assert_eq!(normalize_tags(" #Bug, @Marty,,bug".split(',')), ["bug", "@marty"]);
/// ```
#[must_use]
pub fn normalize_tags<'a>(tags: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut normal: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        let tag = tag.strip_prefix('#').unwrap_or(tag).trim().to_lowercase();
        if !tag.is_empty() && !normal.contains(&tag) {
            normal.push(tag);
        }
    }
    normal
}
