//! Times the package's HTML functions beside other sanitisers.

use crate::build::build;
use crate::run::{Done, command, run};

pub fn bench() -> Done {
    build()?;
    run("timing HTML", &mut command("node", &["bench/html.mjs"]))
}
