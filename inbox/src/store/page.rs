//! A page of a list: how many items are read at a time.

use crate::store::StoreError;

/// The largest number of items in a page.
pub const PAGE_ITEMS: usize = 100;

/// The number of bytes after which a page ends. One item may exceed it, so that a page is never empty.
pub const PAGE_BYTES: usize = 256 * 1024;

/// Whether a page with this number of items and bytes is full.
pub fn is_full(items: usize, bytes: usize) -> bool {
    items >= PAGE_ITEMS || bytes >= PAGE_BYTES
}

/// Reads the JSON of items one after another, until a page is full. An item that is gone is skipped. Returns the page and
/// the number of keys that were looked at.
pub fn read<K>(
    keys: &[K],
    mut item: impl FnMut(&K) -> Result<Option<String>, StoreError>,
) -> Result<(Vec<String>, usize), StoreError> {
    let (mut page, mut bytes, mut seen) = (Vec::new(), 0, 0);
    for key in keys {
        if is_full(page.len(), bytes) {
            break;
        }
        if let Some(json) = item(key)? {
            bytes += json.len();
            page.push(json);
        }
        seen += 1;
    }
    Ok((page, seen))
}
