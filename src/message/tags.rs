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
    let mut normal: Vec<(usize, String)> = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        let tag = tag.strip_prefix('#').unwrap_or(tag).trim().to_lowercase();
        if !tag.is_empty() {
            normal.push((normal.len(), tag));
        }
    }
    // The first of equal ones stays, and then the order comes back: no search for each of a hundred thousand.
    normal.sort_by(|(_, one), (_, other)| one.cmp(other));
    normal.dedup_by(|(_, later), (_, first)| later == first);
    normal.sort_by_key(|(index, _)| *index);
    normal.into_iter().map(|(_, tag)| tag).collect()
}
