//! The keys of the table, each with a number.

/// Every key of the table, once, in its order. A message that comes over from JavaScript names these by their index, so that
/// their text need not come over.
#[rustfmt::skip]
pub static KEYS: &[&str] = &[
    "event", "flow_token", "title", "body", "content", "author", "thread_id", "external_thread_id", "thread",
    "external_user_name", "tags", "uuid", "attachments", "name", "avatar", "email", "external_url", "status",
    "fields", "actions", "value", "color", "label", "@type", "url", "description", "image", "target", "urlTemplate",
    "httpMethod",
];

#[cfg(test)]
mod tests {
    #[test]
    fn each_key_of_the_table_is_there_once() {
        let mut keys: Vec<&str> = Vec::new();
        for row in crate::schema::rows() {
            if !keys.contains(&row.rule.key) {
                keys.push(row.rule.key);
            }
        }
        let mut known = super::KEYS.to_vec();
        known.sort_unstable();
        keys.sort_unstable();
        assert_eq!(known, keys);
    }
}
