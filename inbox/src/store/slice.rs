//! A slice of a deletion: how much one transaction deletes.

/// The number of rows after which a transaction that deletes ends.
pub const SLICE_ROWS: usize = 1000;

/// The number of bytes after which a transaction that deletes ends.
pub const SLICE_BYTES: i64 = 4 * 1024 * 1024;

/// What a transaction has deleted so far. A slice that is full ends, so that posts do not wait for it long.
#[derive(Debug, Default)]
pub struct Slice {
    rows: usize,
    bytes: i64,
}

impl Slice {
    /// Counts rows that were deleted, and the size of what they held.
    pub fn count(&mut self, rows: usize, bytes: i64) {
        self.rows += rows;
        self.bytes += bytes;
    }

    /// Whether the transaction must end. The last item may exceed the limits, so that every slice deletes something.
    pub fn is_full(&self) -> bool {
        self.rows >= SLICE_ROWS || self.bytes >= SLICE_BYTES
    }

    /// How many more rows may be deleted.
    pub fn rows_left(&self) -> usize {
        SLICE_ROWS.saturating_sub(self.rows)
    }
}
