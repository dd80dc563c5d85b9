//! Tests of what every store must do. They run on the store in SQLite, and on the one in memory.

use std::fmt::Debug;

use flowdock_integration::outbox::{Entry, NewEntry, OutboxStore, Size};

use super::in_memory::InMemory;
use super::{MINUTE, NOON, sqlite};

/// Runs a test on every store.
macro_rules! on_every_store {
    ($($test:ident)+) => {
        mod in_memory { $(#[test] fn $test() { super::$test(super::InMemory::default()); })+ }
        mod in_sqlite { $(#[test] fn $test() { super::$test(super::sqlite()); })+ }
    };
}

on_every_store! {
    entries_are_taken_in_order_and_leave_when_they_are_settled
    a_uuid_that_is_there_is_left_as_it_is
    an_entry_waits_for_each_earlier_one_that_shares_a_lane
    a_lease_ends_by_time_and_an_old_one_settles_nothing
    a_source_that_is_removed_under_way_stays_away
    an_entry_that_is_due_later_holds_back_its_lanes_alone
    a_source_that_is_held_holds_back_its_firsts
    a_clock_that_is_set_back_loses_nothing_and_keeps_the_order
}

fn new(source: &str, uuid: &str, lanes: &[&str]) -> NewEntry {
    let lanes = lanes.iter().map(|lane| (*lane).to_owned()).collect();
    NewEntry { source: source.to_owned(), uuid: uuid.to_owned(), lanes, body: format!("body of {uuid}"), at_ms: NOON }
}

/// Takes what is due, for a minute.
fn take<S: OutboxStore<Error: Debug>>(store: &mut S, now_ms: u64) -> Vec<Entry> {
    store.take(now_ms, now_ms + MINUTE, 100).unwrap()
}

fn uuids(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.uuid.as_str()).collect()
}

fn entries_are_taken_in_order_and_leave_when_they_are_settled<S: OutboxStore<Error: Debug>>(mut store: S) {
    assert_eq!((store.next().unwrap(), store.size(None).unwrap()), (None, Size::default()));
    store.put(&[new("garage", "a", &["1"]), new("garage", "b", &["2"]), new("attic", "c", &["1"])]).unwrap();
    store.put(&[new("garage", "d", &[]), new("garage", "e", &["1"]), new("garage", "f", &[])]).unwrap();
    assert!(store.next().unwrap().is_some_and(|due_ms| due_ms <= NOON));
    let first = store.take(NOON, NOON + MINUTE, 2).unwrap();
    let rest = take(&mut store, NOON);
    assert_eq!((uuids(&first), uuids(&rest)), (vec!["a", "b"], vec!["c", "d", "f"]));
    let Entry { source, uuid, body, at_ms, attempts, seq } = first[0].clone();
    assert_eq!((source.as_str(), uuid.as_str(), body.as_str(), at_ms, attempts), ("garage", "a", "body of a", NOON, 1));
    assert!(seq < first[1].seq && first[1].seq < rest[0].seq);
    assert_eq!(store.next().unwrap(), Some(NOON + MINUTE));
    for entry in first.iter().chain(&rest) {
        store.settle(entry, None).unwrap();
    }
    assert_eq!(store.size(None).unwrap(), Size { entries: 1, bytes: 9 });
    let last = take(&mut store, NOON);
    assert_eq!(uuids(&last), ["e"]);
    store.settle(&last[0], None).unwrap();
    assert_eq!((store.next().unwrap(), store.size(None).unwrap()), (None, Size::default()));
}

fn a_uuid_that_is_there_is_left_as_it_is<S: OutboxStore<Error: Debug>>(mut store: S) {
    store.put(&[new("garage", "a", &[]), new("attic", "a", &[])]).unwrap();
    let taken = take(&mut store, NOON);
    let other = NewEntry { body: "other".to_owned(), ..new("garage", "a", &["1"]) };
    store.put(&[other, new("garage", "b", &["1"])]).unwrap();
    assert_eq!(store.size(None).unwrap(), Size { entries: 3, bytes: 27 });
    assert_eq!(store.size(Some("garage")).unwrap(), Size { entries: 2, bytes: 18 });
    assert_eq!(store.size(Some("cellar")).unwrap(), Size::default());
    // The entry that was not stored again holds nobody back.
    assert_eq!(uuids(&take(&mut store, NOON)), ["b"]);
    store.settle(&taken[0], Some(NOON)).unwrap();
    assert_eq!(take(&mut store, NOON)[0].body, "body of a");
}

fn an_entry_waits_for_each_earlier_one_that_shares_a_lane<S: OutboxStore<Error: Debug>>(mut store: S) {
    store
        .put(&[
            new("garage", "one", &["1"]),
            new("garage", "two", &["2"]),
            new("garage", "both", &["1", "2"]),
            new("garage", "last", &["2"]),
            new("attic", "other", &["2", "1"]),
            new("garage", "turned", &["2", "1"]),
        ])
        .unwrap();
    let firsts = take(&mut store, NOON);
    assert_eq!(uuids(&firsts), ["one", "two", "other"]);
    store.settle(&firsts[0], None).unwrap();
    assert_eq!(uuids(&take(&mut store, NOON)), [""; 0]);
    store.settle(&firsts[1], None).unwrap();
    let both = take(&mut store, NOON);
    assert_eq!(uuids(&both), ["both"]);
    store.settle(&both[0], None).unwrap();
    let last = take(&mut store, NOON);
    assert_eq!(uuids(&last), ["last"]);
    store.settle(&last[0], None).unwrap();
    assert_eq!(uuids(&take(&mut store, NOON)), ["turned"]);
}

fn a_lease_ends_by_time_and_an_old_one_settles_nothing<S: OutboxStore<Error: Debug>>(mut store: S) {
    store.put(&[new("garage", "a", &["1"]), new("garage", "b", &["1"])]).unwrap();
    let old = take(&mut store, NOON);
    assert_eq!(uuids(&take(&mut store, NOON + MINUTE - 1)), [""; 0]);
    let again = take(&mut store, NOON + MINUTE);
    assert_eq!((uuids(&again), again[0].attempts), (vec!["a"], 2));
    for due_ms in [None, Some(0)] {
        store.settle(&old[0], due_ms).unwrap();
        assert_eq!(store.next().unwrap(), Some(NOON + 2 * MINUTE), "{due_ms:?}");
        assert_eq!(uuids(&take(&mut store, NOON + MINUTE)), [""; 0], "{due_ms:?}");
    }
    store.settle(&again[0], None).unwrap();
    assert_eq!(uuids(&take(&mut store, NOON + MINUTE)), ["b"]);
    // It is gone, so a second end changes nothing either.
    store.settle(&again[0], Some(0)).unwrap();
    assert_eq!(store.size(None).unwrap().entries, 1);
}

fn a_source_that_is_removed_under_way_stays_away<S: OutboxStore<Error: Debug>>(mut store: S) {
    store.put(&[new("garage", "a", &["1"]), new("garage", "b", &["1"]), new("attic", "c", &["1"])]).unwrap();
    let taken = take(&mut store, NOON);
    store.remove_source("garage").unwrap();
    assert_eq!(store.size(None).unwrap(), Size { entries: 1, bytes: 9 });
    store.settle(&taken[0], Some(NOON)).unwrap();
    assert_eq!(uuids(&take(&mut store, NOON)), [""; 0]);
    // Nothing of a removed entry is left: its uuid is free, and its lanes hold nobody back.
    store.put(&[new("garage", "a", &["1"])]).unwrap();
    let again = take(&mut store, NOON);
    assert_eq!(uuids(&again), ["a"]);
    assert!(again[0].seq > taken[1].seq);
    // What was taken before it was removed is another entry.
    store.settle(&taken[0], None).unwrap();
    assert_eq!(store.size(Some("garage")).unwrap().entries, 1);
}

fn an_entry_that_is_due_later_holds_back_its_lanes_alone<S: OutboxStore<Error: Debug>>(mut store: S) {
    store.put(&[new("garage", "a", &["1"]), new("garage", "b", &["1"]), new("garage", "c", &["2"])]).unwrap();
    let taken = take(&mut store, NOON);
    assert_eq!(uuids(&taken), ["a", "c"]);
    store.settle(&taken[0], Some(NOON + 5_000)).unwrap();
    store.settle(&taken[1], None).unwrap();
    assert_eq!(store.next().unwrap(), Some(NOON + 5_000));
    assert_eq!(uuids(&take(&mut store, NOON + 4_999)), [""; 0]);
    store.put(&[new("garage", "d", &["2"])]).unwrap();
    let mut later = take(&mut store, NOON + 5_000);
    assert_eq!(uuids(&later), ["a", "d"]);
    assert_eq!((later[0].attempts, later[1].attempts), (2, 1));
    store.settle(&later.remove(0), None).unwrap();
    assert_eq!(uuids(&take(&mut store, NOON + 5_000)), ["b"]);
}

fn a_source_that_is_held_holds_back_its_firsts<S: OutboxStore<Error: Debug>>(mut store: S) {
    store.put(&[new("garage", "a", &["1"]), new("garage", "b", &["2"]), new("garage", "c", &[])]).unwrap();
    store.put(&[new("attic", "d", &[])]).unwrap();
    let mut taken = store.take(NOON, NOON + MINUTE, 2).unwrap();
    store.settle(&taken.remove(0), Some(NOON + 9 * MINUTE)).unwrap();
    store.hold_source("garage", NOON + 5 * MINUTE).unwrap();
    assert_eq!(uuids(&take(&mut store, NOON)), ["d"]);
    // What is leased keeps its lease, and what is due later stays so.
    assert_eq!(store.next().unwrap(), Some(NOON + MINUTE));
    store.settle(&taken[0], None).unwrap();
    assert_eq!(uuids(&take(&mut store, NOON + 5 * MINUTE)), ["c", "d"]);
    assert_eq!(uuids(&take(&mut store, NOON + 9 * MINUTE)), ["a", "c", "d"]);
}

fn a_clock_that_is_set_back_loses_nothing_and_keeps_the_order<S: OutboxStore<Error: Debug>>(mut store: S) {
    const EARLIER: u64 = NOON - 60 * MINUTE;
    store.put(&[new("garage", "a", &["1"]), new("garage", "b", &["1"]), new("garage", "c", &["2"])]).unwrap();
    let taken = take(&mut store, NOON);
    // An hour back: what is leased stays leased, what is posted now is due now, and waits for what came before it.
    let at_ms = EARLIER;
    store
        .put(&[NewEntry { at_ms, ..new("garage", "d", &["1"]) }, NewEntry { at_ms, ..new("garage", "e", &["3"]) }])
        .unwrap();
    assert_eq!(uuids(&take(&mut store, EARLIER)), ["e"]);
    for expected in [["b"], ["d"]] {
        let first = if expected == ["b"] { taken[0].clone() } else { take(&mut store, EARLIER + MINUTE).remove(0) };
        store.settle(&first, None).unwrap();
        assert_eq!(uuids(&store.take(EARLIER, EARLIER + MINUTE, 9).unwrap()), expected);
    }
    assert_eq!(store.size(None).unwrap().entries, 3);
}

/// Does the same to both stores, by random numbers, and compares everything that they return.
#[test]
fn both_stores_return_the_same_whatever_is_done() {
    let mut state = 7_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let (mut plain, mut sqlite) = (InMemory::default(), sqlite());
    let (mut taken, mut now_ms, mut settled) = (Vec::<(Entry, Entry)>::new(), NOON, 0);
    for step in 0..4_000 {
        let source = ["garage", "attic", "cellar"][random(3) as usize];
        now_ms = now_ms + random(1_000) - 400;
        match random(40) {
            0..12 => {
                let entries: Vec<_> = (0..1 + random(3))
                    .map(|_| {
                        let lanes = [["1", "2"], ["3", "1"], ["2", "4"]][random(3) as usize];
                        new(source, &random(200).to_string(), &lanes[..random(3) as usize])
                    })
                    .collect();
                plain.put(&entries).unwrap();
                sqlite.put(&entries).unwrap();
            }
            12..22 => {
                let (until_ms, max) = (now_ms + random(3_000), random(5) as usize);
                let entries = plain.take(now_ms, until_ms, max).unwrap();
                let same = sqlite.take(now_ms, until_ms, max).unwrap();
                // SQLite leaves out numbers.
                let without_seq = |entries: &[Entry]| -> Vec<_> {
                    entries.iter().map(|entry| Entry { seq: 0, ..entry.clone() }).collect()
                };
                assert_eq!(without_seq(&entries), without_seq(&same), "{step}");
                taken.extend(entries.into_iter().zip(same));
            }
            22..38 if !taken.is_empty() => {
                let (entry, same) = taken.swap_remove(random(taken.len() as u64) as usize);
                let due_ms = (random(3) == 0).then_some(now_ms + random(3_000));
                plain.settle(&entry, due_ms).unwrap();
                sqlite.settle(&same, due_ms).unwrap();
                settled += usize::from(due_ms.is_none());
            }
            38 => {
                let due_ms = now_ms + random(3_000);
                plain.hold_source(source, due_ms).unwrap();
                sqlite.hold_source(source, due_ms).unwrap();
            }
            39 if random(5) == 0 => {
                plain.remove_source(source).unwrap();
                sqlite.remove_source(source).unwrap();
            }
            _ => {}
        }
        assert_eq!(plain.next().unwrap(), sqlite.next().unwrap(), "{step}");
        for of in [None, Some(source)] {
            assert_eq!(plain.size(of).unwrap(), sqlite.size(of).unwrap(), "{step}");
        }
    }
    assert!(settled > 500, "{settled}");
}
