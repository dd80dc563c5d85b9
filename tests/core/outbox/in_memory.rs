//! A store in memory, written as plainly as the rules of a store are.

use std::collections::BTreeMap;
use std::convert::Infallible;

use flowdock_integration::outbox::{Entry, NewEntry, OutboxStore, Size};

/// A store in memory.
#[derive(Default)]
pub struct InMemory {
    next_seq: u64,
    rows: BTreeMap<u64, Waiting>,
}

#[derive(Clone)]
struct Waiting {
    new: NewEntry,
    due_ms: u64,
    is_leased: bool,
    attempts: u32,
}

impl InMemory {
    fn is_first(&self, seq: u64) -> bool {
        let shares = |one: &NewEntry, other: &NewEntry| {
            one.source == other.source && one.lanes.iter().any(|lane| other.lanes.contains(lane))
        };
        let entry = &self.rows[&seq].new;
        !self.rows.range(..seq).any(|(_, earlier)| shares(&earlier.new, entry))
    }

    fn firsts(&self) -> Vec<u64> {
        self.rows.keys().copied().filter(|seq| self.is_first(*seq)).collect()
    }
}

impl OutboxStore for InMemory {
    type Error = Infallible;

    fn put(&mut self, entries: &[NewEntry]) -> Result<(), Infallible> {
        for new in entries {
            let is_there = self.rows.values().any(|row| (&row.new.source, &row.new.uuid) == (&new.source, &new.uuid));
            if !is_there {
                self.next_seq += 1;
                let row = Waiting { new: new.clone(), due_ms: 0, is_leased: false, attempts: 0 };
                self.rows.insert(self.next_seq, row);
            }
        }
        Ok(())
    }

    fn take(&mut self, now_ms: u64, until_ms: u64, max: usize) -> Result<Vec<Entry>, Infallible> {
        let mut due: Vec<_> =
            self.firsts().into_iter().map(|seq| (self.rows[&seq].due_ms, seq)).filter(|due| due.0 <= now_ms).collect();
        due.sort_unstable();
        due.truncate(max);
        let mut taken: Vec<_> = due.into_iter().map(|(_, seq)| seq).collect();
        taken.sort_unstable();
        Ok(taken
            .into_iter()
            .map(|seq| {
                let row = self.rows.get_mut(&seq).unwrap();
                (row.due_ms, row.is_leased, row.attempts) = (until_ms, true, row.attempts + 1);
                let NewEntry { source, uuid, body, at_ms, .. } = row.new.clone();
                Entry { seq, source, uuid, body, at_ms, attempts: row.attempts }
            })
            .collect())
    }

    fn settle(&mut self, entry: &Entry, due_ms: Option<u64>) -> Result<(), Infallible> {
        let Some(row) = self.rows.get_mut(&entry.seq).filter(|row| row.attempts == entry.attempts) else {
            return Ok(());
        };
        match due_ms {
            Some(due_ms) => (row.due_ms, row.is_leased) = (due_ms, false),
            None => drop(self.rows.remove(&entry.seq)),
        }
        Ok(())
    }

    fn hold_source(&mut self, source: &str, due_ms: u64) -> Result<(), Infallible> {
        for seq in self.firsts() {
            let row = self.rows.get_mut(&seq).unwrap();
            if row.new.source == source && !row.is_leased {
                row.due_ms = row.due_ms.max(due_ms);
            }
        }
        Ok(())
    }

    fn remove_source(&mut self, source: &str) -> Result<(), Infallible> {
        self.rows.retain(|_, row| row.new.source != source);
        Ok(())
    }

    fn next(&self) -> Result<Option<u64>, Infallible> {
        Ok(self.firsts().into_iter().map(|seq| self.rows[&seq].due_ms).min())
    }

    fn size(&self, source: Option<&str>) -> Result<Size, Infallible> {
        let mut size = Size::default();
        for row in self.rows.values().filter(|row| source.is_none_or(|source| row.new.source == source)) {
            size.entries += 1;
            size.bytes += row.new.body.len() as u64;
        }
        Ok(size)
    }
}
