//! Generates the table of lower-case letters in `src/message/lower_case.rs` from Rust's standard library.

/// The capital letters beyond ASCII that have exactly one small letter, each with the distance to that letter.
fn capitals() -> Vec<(u32, i64)> {
    let mut capitals = Vec::new();
    for capital in '\u{80}'..=char::MAX {
        let mut small = capital.to_lowercase();
        if let (Some(small), None) = (small.next(), small.next())
            && small != capital
        {
            capitals.push((capital.into(), i64::from(u32::from(small)) - i64::from(u32::from(capital))));
        }
    }
    capitals
}

pub fn lower_case() -> String {
    let capitals = capitals();
    let mut rest = capitals.as_slice();
    let mut rows = String::new();
    while let Some((first, distance)) = rest.first().copied() {
        let count = |step: u32| {
            let fits = |(index, capital): &(usize, &(u32, i64))| **capital == (first + step * *index as u32, distance);
            rest.iter().enumerate().take_while(fits).count()
        };
        let step = if count(2) > count(1) { 2 } else { 1 };
        let count = count(step);
        rows.push_str(&format!(
            "    Run {{ first: {first:#x}, count: {count}, step: {step}, distance: {distance} }},\n"
        ));
        rest = &rest[count..];
    }
    format!("{HEAD}{rows}];\n")
}

/// The text of the generated file before the rows.
const HEAD: &str = "\
//! Written by cargo xtask build: the small letters of capitals beyond ASCII, from Rust's standard library.

/// Lower-case letters that follow each other in Unicode, each so far from its capital.
#[derive(Debug)]
pub struct Run {
    /// The first capital letter.
    pub first: u32,
    /// How many capitals there are.
    pub count: u16,
    /// How far each is from the next: 1, or 2 where capitals and small letters take turns.
    pub step: u16,
    /// From a capital to its small letter.
    pub distance: i32,
}

/// In the order of the capitals.
#[rustfmt::skip]
pub static RUNS: &[Run] = &[
";
