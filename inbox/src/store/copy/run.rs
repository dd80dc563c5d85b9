//! Leads the rows from one end of a copy to the other.

use std::fmt;
use std::time::{Duration, Instant};

use super::tables::{Content, Counts, NEWEST, Row, TABLES, WORDS};
use super::{CopyError, End};
use crate::clock::Clock;
use crate::store::{postgres, sqlite};

/// How often a copy says how far it is.
const REPORT_EVERY: Duration = Duration::from_secs(3);

/// How many rows with U+0000 are shown.
const SHOWN: usize = 20;

/// What was copied.
#[derive(Debug)]
pub struct Summary {
    messages: i64,
    rows: i64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} messages, {} rows", self.messages, self.rows)
    }
}

/// The end from which rows come.
enum Source {
    Sqlite(sqlite::copy::Source),
    Postgres(postgres::copy::Source),
}

/// The end into which rows go.
enum Target {
    Sqlite(sqlite::copy::Target),
    Postgres(postgres::copy::Target),
}

/// Calls the same method of either engine.
macro_rules! on_engine {
    ($end:ident, $that:expr, $engine:ident => $call:expr) => {
        match $that {
            $end::Sqlite($engine) => $call,
            $end::Postgres($engine) => $call,
        }
    };
}

/// Copies a whole inbox into an empty place, in one transaction. Says how far it is with `report`, a line each time.
///
/// No inbox may use either end meanwhile.
///
/// # Errors
///
/// [`CopyError`]. Then both ends are as before. Only if the connection breaks while the database commits, the copy may be there.
pub async fn copy(from: &End, to: &End, clock: &Clock, report: &mut dyn FnMut(&str)) -> Result<Summary, CopyError> {
    let (source, mut target) = match (from, to) {
        (End::File(from), End::Database(to)) => {
            let source = sqlite::copy::Source::open(from)?;
            let target = postgres::copy::Target::create(to, clock).await?;
            refuse_nuls(&source, report)?;
            (Source::Sqlite(source), Target::Postgres(target))
        }
        (End::Database(from), End::File(to)) => {
            let target = sqlite::copy::Target::create(to)?;
            (Source::Postgres(postgres::copy::Source::open(from, clock).await?), Target::Sqlite(target))
        }
        (End::File(_), End::File(_)) => return Err(CopyError::SameEngine("`backup` copies a file")),
        (End::Database(_), End::Database(_)) => return Err(CopyError::SameEngine("`pg_dump` copies a database")),
    };
    // The copy has a row of words for each message, so the messages of the original are counted for both.
    let of_source = async |sql: &str| on_engine!(Source, &source, source => source.numbers(sql).await);
    let expected = held(of_source, "messages").await?;
    let mut progress = Progress { report, last: Instant::now() };
    let contents = TABLES.iter().map(Content::Table).chain([Content::Words]);
    for (content, (_, counts)) in contents.zip(&expected) {
        copy_content(&source, &mut target, content, counts[0][0], &mut progress)
            .await
            .map_err(|error| error.amid(content.name(), to))?;
    }
    progress.say("making the indexes, comparing");
    on_engine!(Target, &mut target, target => target.complete().await)?;
    let of_target = async |sql: &str| on_engine!(Target, &target, target => target.numbers(sql).await);
    let written = held(of_target, WORDS).await?;
    if let Some(((table, _), _)) = expected.iter().zip(&written).find(|(expected, written)| expected != written) {
        return Err(CopyError::Different { table, to: to.clone() });
    }
    on_engine!(Target, target, target => target.keep().await)?;
    let rows = |(_, counts): &(&str, Vec<Counts>)| counts[0][0];
    let messages = expected.iter().find(|(table, _)| *table == "messages").map_or(0, rows);
    Ok(Summary { messages, rows: expected[..TABLES.len()].iter().map(rows).sum() })
}

/// What an end holds: the counts of each table, then those of the words, which are in the table `words`, then the newest message of each
/// flow.
async fn held(
    numbers: impl AsyncFn(&str) -> Result<Vec<Counts>, CopyError>,
    words: &str,
) -> Result<Vec<(&'static str, Vec<Counts>)>, CopyError> {
    let mut held = Vec::new();
    for table in &TABLES {
        held.push((table.name, numbers(&table.counts()).await?));
    }
    held.push((WORDS, numbers(&format!("SELECT count(*) FROM {words}")).await?));
    held.push(("messages", numbers(NEWEST).await?));
    Ok(held)
}

async fn copy_content(
    source: &Source,
    target: &mut Target,
    content: Content,
    count: i64,
    progress: &mut Progress<'_>,
) -> Result<(), CopyError> {
    on_engine!(Target, target, target => target.begin(content).await)?;
    let mut done = 0;
    let take = async |rows: Vec<Row>| {
        done += rows.len();
        on_engine!(Target, &mut *target, target => target.write(rows).await)?;
        progress.tell(content.name(), done, count);
        Ok(())
    };
    on_engine!(Source, source, source => source.read(content, take).await)?;
    on_engine!(Target, target, target => target.end().await)?;
    progress.say(&format!("{}: {done} rows", content.name()));
    Ok(())
}

/// Says how far a copy is.
struct Progress<'a> {
    report: &'a mut dyn FnMut(&str),
    last: Instant,
}

impl Progress<'_> {
    fn say(&mut self, text: &str) {
        (self.report)(text);
        self.last = Instant::now();
    }

    fn tell(&mut self, table: &str, done: usize, count: i64) {
        if self.last.elapsed() >= REPORT_EVERY {
            self.say(&format!("{table}: {done} of {count} rows"));
        }
    }
}

/// Reports the rows with U+0000, and refuses them.
fn refuse_nuls(source: &sqlite::copy::Source, report: &mut dyn FnMut(&str)) -> Result<(), CopyError> {
    let mut count = 0;
    for table in &TABLES {
        source.nuls(table, |row| {
            count += 1;
            if count <= SHOWN {
                report(&format!("U+0000 in {row}"));
            }
        })?;
    }
    if count > SHOWN {
        report(&format!("and {} more", count - SHOWN));
    }
    if count > 0 { Err(CopyError::Nul(count)) } else { Ok(()) }
}
